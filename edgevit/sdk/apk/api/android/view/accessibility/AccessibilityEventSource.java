package android.view.accessibility;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public interface AccessibilityEventSource {
}
