package android.content;

import android.net.Uri;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;

/** What an activity was started with. */
public class Intent {
  public static final ArrayList<Intent> started = new ArrayList<>();

  public final Map<String, Object> extras = new HashMap<>();
  public String action;
  public Uri data;

  public Intent() {}

  public Intent(String action) {
    this.action = action;
  }

  public String getAction() {
    return action;
  }

  public Uri getData() {
    return data;
  }

  public int getIntExtra(String name, int otherwise) {
    return extras.containsKey(name) ? (int) extras.get(name) : otherwise;
  }

  public boolean getBooleanExtra(String name, boolean otherwise) {
    return extras.containsKey(name) ? (boolean) extras.get(name) : otherwise;
  }

  public String getStringExtra(String name) {
    return (String) extras.get(name);
  }

  public Intent setType(String type) {
    extras.put("type", type);
    return this;
  }

  public Intent putExtra(String name, android.os.Parcelable value) {
    extras.put(name, value);
    return this;
  }

  public Intent addFlags(int flags) {
    extras.put("flags", flags);
    return this;
  }

  public static Intent createChooser(Intent target, CharSequence title) {
    return target;
  }
}
