package android.app;

import android.os.Bundle;
import java.util.ArrayList;

/** The app. */
public class Application extends android.content.ContextWrapper {
  public static final Application THE_ONE = new Application();

  public interface ActivityLifecycleCallbacks {
    void onActivityCreated(Activity activity, Bundle state);

    void onActivityStarted(Activity activity);

    void onActivityResumed(Activity activity);

    void onActivityPaused(Activity activity);

    void onActivityStopped(Activity activity);

    void onActivitySaveInstanceState(Activity activity, Bundle state);

    void onActivityDestroyed(Activity activity);
  }

  public final ArrayList<ActivityLifecycleCallbacks> lifecycles = new ArrayList<>();

  public void registerActivityLifecycleCallbacks(ActivityLifecycleCallbacks callbacks) {
    lifecycles.add(callbacks);
  }

  public void unregisterActivityLifecycleCallbacks(ActivityLifecycleCallbacks callbacks) {
    lifecycles.remove(callbacks);
  }
}
