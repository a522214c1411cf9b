/// From a photograph of any size to the pixels that the model expects: resize, then keep the centre.
///
/// The normalization is inside the model, so its input is plain 8-bit RGB.
public struct Preprocessor: Sendable, Hashable {
    /// The model's input size in pixels.
    public let width: Int
    public let height: Int

    /// Share of the resized image that the crop keeps.
    public let cropFraction: Double

    public init(width: Int, height: Int, cropFraction: Double) {
        self.width = width
        self.height = height
        self.cropFraction = cropFraction
    }

    public init(_ input: ModelInfo.Input) {
        self.init(width: input.width, height: input.height, cropFraction: input.cropFraction)
    }

    /// The size to resize an image to, and the part to keep.
    public func plan(width imageWidth: Int, height imageHeight: Int) -> (
        size: (width: Int, height: Int), crop: PixelRect
    ) {
        let size = resizedSize(imageWidth, imageHeight)
        let crop = PixelRect(
            left: halfRoundedToEven(size.width - width), top: halfRoundedToEven(size.height - height),
            width: width, height: height)
        return (size, crop)
    }

    /// The model's pixels of `image`.
    public func callAsFunction(_ image: RGBImage) -> RGBImage {
        let (size, crop) = plan(width: image.width, height: image.height)
        return image.resized(to: size, keeping: crop)
    }
}

extension Preprocessor {
    /// The smallest size with the image's proportions that covers the model's input divided by the crop's share; which
    /// side limits it is decided in whole numbers, as in Python.
    private func resizedSize(_ imageWidth: Int, _ imageHeight: Int) -> (width: Int, height: Int) {
        let boxWidth = Int(Double(width) / cropFraction)
        let boxHeight = Int(Double(height) / cropFraction)
        if imageWidth * boxHeight >= imageHeight * boxWidth {
            return (max(boxHeight * imageWidth / imageHeight, boxWidth), boxHeight)
        }
        return (boxWidth, max(boxWidth * imageHeight / imageWidth, boxHeight))
    }

    /// Half of an even or odd `margin`, halves going to the even neighbour as Python's `round` has it.
    private func halfRoundedToEven(_ margin: Int) -> Int {
        Int((Double(margin) / 2).rounded(.toNearestOrEven))
    }
}
