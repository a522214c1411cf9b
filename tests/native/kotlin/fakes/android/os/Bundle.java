package android.os;

/** Nothing is saved. */
public final class Bundle {}
