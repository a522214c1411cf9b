package android.content;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class IntentSender implements android.os.Parcelable {
}
