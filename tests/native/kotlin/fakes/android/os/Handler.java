package android.os;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Runs what is posted on one thread, in order. */
public class Handler {
  private static final ExecutorService MAIN =
      Executors.newSingleThreadExecutor(
          body -> {
            Thread thread = new Thread(body, "main of the fake");
            thread.setDaemon(true);
            return thread;
          });

  public Handler(Looper looper) {}

  public final boolean post(Runnable body) {
    MAIN.execute(body);
    return true;
  }
}
