package android.database;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public interface CrossProcessCursor extends android.database.Cursor {
  public abstract android.database.CursorWindow getWindow();
}
