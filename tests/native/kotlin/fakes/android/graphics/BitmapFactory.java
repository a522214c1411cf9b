package android.graphics;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;

/** The host's decoder. */
public class BitmapFactory {
  public static class Options {
    public Bitmap.Config inPreferredConfig;
  }

  public static Bitmap decodeByteArray(byte[] data, int offset, int length, Options options) {
    try {
      BufferedImage image = ImageIO.read(new ByteArrayInputStream(data, offset, length));
      if (image == null) return null;
      int[] pixels = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
      return new Bitmap(image.getWidth(), pixels, image.getColorModel().hasAlpha(), options.inPreferredConfig);
    } catch (IOException error) {
      return null;
    }
  }
}
