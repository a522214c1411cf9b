package android.content;

/** As a context. */
public class ContextWrapper extends Context {}
