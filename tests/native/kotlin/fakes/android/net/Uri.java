package android.net;

/** A name. */
public class Uri implements android.os.Parcelable {
  private final String text;

  private Uri(String text) {
    this.text = text;
  }

  public static Uri parse(String text) {
    return new Uri(text);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Uri && ((Uri) other).text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }

  @Override
  public int describeContents() {
    return 0;
  }

  @Override
  public void writeToParcel(android.os.Parcel target, int flags) {}
}
