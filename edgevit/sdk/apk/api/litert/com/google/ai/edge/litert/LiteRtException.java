package com.google.ai.edge.litert;

/** Declares what LiteRT throws, so that the app compiles where the runtime is not; never in an APK. */
public final class LiteRtException extends Exception {}
