package android.content;

import android.content.pm.ApplicationInfo;
import android.content.res.AssetManager;
import java.io.File;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;

/** The world of a test: a folder of assets, a folder of files, the system's services. */
public class Context {
  /** Folder of the assets. */
  public static File assets;

  /** Folder that stands for the app's external files. */
  public static File files;

  public final ArrayList<ComponentCallbacks> callbacks = new ArrayList<>();

  private static final Map<String, Object> SERVICES = new HashMap<>();

  static {
    SERVICES.put("power", new android.os.PowerManager());
    SERVICES.put("batterymanager", new android.os.BatteryManager());
    SERVICES.put("activity", new android.app.ActivityManager());
  }

  public Context getApplicationContext() {
    return android.app.Application.THE_ONE;
  }

  public AssetManager getAssets() {
    return new AssetManager();
  }

  public Object getSystemService(String name) {
    return SERVICES.get(name);
  }

  public void registerComponentCallbacks(ComponentCallbacks callback) {
    callbacks.add(callback);
  }

  public void unregisterComponentCallbacks(ComponentCallbacks callback) {
    callbacks.remove(callback);
  }

  public ApplicationInfo getApplicationInfo() {
    return ApplicationInfo.THE_ONE;
  }

  public File getExternalFilesDir(String type) {
    return files;
  }

  public File getFilesDir() {
    return files;
  }

  public ContentResolver getContentResolver() {
    return new ContentResolver();
  }

  public void startActivity(Intent intent) {
    Intent.started.add(intent);
  }
}
