package android.view;

/** As a context. */
public class ContextThemeWrapper extends android.content.ContextWrapper {}
