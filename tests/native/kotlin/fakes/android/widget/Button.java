package android.widget;

/** A text that is pressed. */
public class Button extends TextView {
  public Button(android.content.Context context) {
    super(context);
  }
}
