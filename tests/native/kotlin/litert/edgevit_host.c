/* The native side of dev.edgevit.host.Runtime, on the C interface that libLiteRt.so exports (litert/c in google-ai-edge/LiteRT). */
#include <jni.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CPU = 1, READ = 0, WRITE = 1, MAX_TENSORS = 8 };

typedef struct {
  int element_type;
  unsigned rank : 7;
  unsigned has_strides : 1;
  int32_t dims[8];
  uint32_t strides[8];
} RankedType;
_Static_assert(sizeof(RankedType) == 72, "the size that LiteRT's own headers assert");

typedef void *Handle;
int LiteRtCreateEnvironment(int count, const void *options, Handle *environment);
int LiteRtCreateModelFromBuffer(Handle environment, const void *bytes, size_t size, Handle *model);
int LiteRtCreateOptions(Handle *options);
int LiteRtSetOptionsHardwareAccelerators(Handle options, int accelerators);
int LiteRtCreateCompiledModel(Handle environment, Handle model, Handle options, Handle *compiled);
int LiteRtGetModelSignature(Handle model, size_t index, Handle *signature);
int LiteRtGetNumSignatureInputs(Handle signature, size_t *count);
int LiteRtGetNumSignatureOutputs(Handle signature, size_t *count);
int LiteRtGetSignatureInputName(Handle signature, size_t index, const char **name);
int LiteRtGetSignatureOutputName(Handle signature, size_t index, const char **name);
int LiteRtGetSignatureInputTensorByIndex(Handle signature, size_t index, Handle *tensor);
int LiteRtGetSignatureOutputTensorByIndex(Handle signature, size_t index, Handle *tensor);
int LiteRtGetRankedTensorType(Handle tensor, RankedType *type);
int LiteRtGetCompiledModelInputBufferRequirements(Handle compiled, size_t signature, size_t index, Handle *requirements);
int LiteRtGetCompiledModelOutputBufferRequirements(Handle compiled, size_t signature, size_t index, Handle *requirements);
int LiteRtCreateManagedTensorBufferFromRequirements(Handle environment, const RankedType *type, Handle requirements,
                                                    Handle *buffer);
int LiteRtLockTensorBuffer(Handle buffer, void **address, int mode);
int LiteRtUnlockTensorBuffer(Handle buffer);
int LiteRtRunCompiledModel(Handle compiled, size_t signature, size_t inputs, Handle *in, size_t outputs, Handle *out);
void LiteRtDestroyOptions(Handle options);
void LiteRtDestroyTensorBuffer(Handle buffer);
void LiteRtDestroyCompiledModel(Handle compiled);
void LiteRtDestroyModel(Handle model);
void LiteRtDestroyEnvironment(Handle environment);

typedef struct {
  size_t count;
  const char *names[MAX_TENSORS];
  RankedType types[MAX_TENSORS];
  Handle buffers[MAX_TENSORS];
} Side;

typedef struct {
  Handle environment, model, options, compiled, signature;
  Side sides[2]; /* inputs, outputs */
} Session;

static int failed(JNIEnv *env, const char *what, int status) {
  char message[200];
  if (status == 0) return 0;
  snprintf(message, sizeof message, "%.150s: LiteRT status %d", what, status);
  (*env)->ThrowNew(env, (*env)->FindClass(env, "java/lang/IllegalArgumentException"), message);
  return 1;
}

#define TRY(call) \
  do { \
    if (failed(env, #call, call)) return 0; \
  } while (0)

static int open_tensor(JNIEnv *env, Session *session, int output, size_t index) {
  Side *side = &session->sides[output];
  Handle tensor, requirements, signature = session->signature;
  if (output) {
    TRY(LiteRtGetSignatureOutputName(signature, index, &side->names[index]));
    TRY(LiteRtGetSignatureOutputTensorByIndex(signature, index, &tensor));
    TRY(LiteRtGetCompiledModelOutputBufferRequirements(session->compiled, 0, index, &requirements));
  } else {
    TRY(LiteRtGetSignatureInputName(signature, index, &side->names[index]));
    TRY(LiteRtGetSignatureInputTensorByIndex(signature, index, &tensor));
    TRY(LiteRtGetCompiledModelInputBufferRequirements(session->compiled, 0, index, &requirements));
  }
  TRY(LiteRtGetRankedTensorType(tensor, &side->types[index]));
  TRY(LiteRtCreateManagedTensorBufferFromRequirements(session->environment, &side->types[index], requirements,
                                                      &side->buffers[index]));
  return 1;
}

static int open_session(JNIEnv *env, Session *session, const void *bytes, size_t size) {
  TRY(LiteRtCreateEnvironment(0, NULL, &session->environment));
  TRY(LiteRtCreateModelFromBuffer(session->environment, bytes, size, &session->model));
  TRY(LiteRtCreateOptions(&session->options));
  TRY(LiteRtSetOptionsHardwareAccelerators(session->options, CPU));
  TRY(LiteRtCreateCompiledModel(session->environment, session->model, session->options, &session->compiled));
  TRY(LiteRtGetModelSignature(session->model, 0, &session->signature));
  TRY(LiteRtGetNumSignatureInputs(session->signature, &session->sides[0].count));
  TRY(LiteRtGetNumSignatureOutputs(session->signature, &session->sides[1].count));
  for (int output = 0; output < 2; output++) {
    if (session->sides[output].count > MAX_TENSORS) return !failed(env, "more tensors than expected", -1);
    for (size_t index = 0; index < session->sides[output].count; index++)
      if (!open_tensor(env, session, output, index)) return 0;
  }
  return 1;
}

static void close_session(Session *session) {
  for (int output = 0; output < 2; output++)
    for (size_t index = 0; index < MAX_TENSORS; index++)
      if (session->sides[output].buffers[index]) LiteRtDestroyTensorBuffer(session->sides[output].buffers[index]);
  if (session->compiled) LiteRtDestroyCompiledModel(session->compiled);
  if (session->options) LiteRtDestroyOptions(session->options);
  if (session->model) LiteRtDestroyModel(session->model);
  if (session->environment) LiteRtDestroyEnvironment(session->environment);
  free(session);
}

static int copy(JNIEnv *env, Session *session, int output, jobjectArray javaBuffers) {
  Side *side = &session->sides[output];
  for (size_t index = 0; index < side->count; index++) {
    jobject java = (*env)->GetObjectArrayElement(env, javaBuffers, (jsize)index);
    void *mine = (*env)->GetDirectBufferAddress(env, java), *theirs;
    size_t size = (size_t)(*env)->GetDirectBufferCapacity(env, java);
    TRY(LiteRtLockTensorBuffer(side->buffers[index], &theirs, output ? READ : WRITE));
    memcpy(output ? mine : theirs, output ? theirs : mine, size);
    TRY(LiteRtUnlockTensorBuffer(side->buffers[index]));
    (*env)->DeleteLocalRef(env, java);
  }
  return 1;
}

#define NATIVE(type, name) JNIEXPORT type JNICALL Java_dev_edgevit_host_Runtime_##name

NATIVE(jlong, create)(JNIEnv *env, jclass class, jobject model) {
  Session *session = calloc(1, sizeof *session);
  size_t size = (size_t)(*env)->GetDirectBufferCapacity(env, model);
  if (open_session(env, session, (*env)->GetDirectBufferAddress(env, model), size)) return (jlong)session;
  close_session(session);
  return 0;
}

NATIVE(jobjectArray, names)(JNIEnv *env, jclass class, jlong handle, jboolean output) {
  Side *side = &((Session *)handle)->sides[output];
  jclass text = (*env)->FindClass(env, "java/lang/String");
  jobjectArray names = (*env)->NewObjectArray(env, (jsize)side->count, text, NULL);
  for (size_t index = 0; index < side->count; index++)
    (*env)->SetObjectArrayElement(env, names, (jsize)index, (*env)->NewStringUTF(env, side->names[index]));
  return names;
}

NATIVE(jintArray, type)(JNIEnv *env, jclass class, jlong handle, jboolean output, jint index) {
  RankedType *type = &((Session *)handle)->sides[output].types[index];
  jintArray result = (*env)->NewIntArray(env, 1 + type->rank);
  (*env)->SetIntArrayRegion(env, result, 0, 1, &type->element_type);
  (*env)->SetIntArrayRegion(env, result, 1, type->rank, type->dims);
  return result;
}

NATIVE(void, run)(JNIEnv *env, jclass class, jlong handle, jobjectArray inputs, jobjectArray outputs) {
  Session *session = (Session *)handle;
  Side *in = &session->sides[0], *out = &session->sides[1];
  if (!copy(env, session, 0, inputs)) return;
  int status = LiteRtRunCompiledModel(session->compiled, 0, in->count, in->buffers, out->count, out->buffers);
  if (!failed(env, "LiteRtRunCompiledModel", status)) copy(env, session, 1, outputs);
}

NATIVE(void, destroy)(JNIEnv *env, jclass class, jlong handle) { close_session((Session *)handle); }
