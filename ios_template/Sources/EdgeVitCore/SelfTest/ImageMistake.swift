/// The usual mistakes between a photograph and a network's input.
public enum ImageMistake: String, Sendable, Hashable, Codable, CaseIterable {
    /// Red and blue are swapped.
    case bgr
    /// The whole image was squeezed into the input, without keeping its proportions.
    case stretched
    /// The shorter side was resized to the input's, so that the crop shows too much.
    case uncropped
    /// The crop was taken from the top left, not from the centre.
    case corner
    /// The image is upside down, as Core Graphics' axes suggest.
    case flipped
    /// Mean and standard deviation were applied although the model does so itself.
    case normalizedTwice = "normalized_twice"

    /// What to change.
    public var advice: String {
        switch self {
        case .bgr: "Red and blue are swapped: hand over RGB values."
        case .stretched: "The image is stretched: keep its proportions and crop."
        case .uncropped: "The crop is too wide: resize to the input's size divided by the crop's share first."
        case .corner: "The crop is not centred."
        case .flipped: "The image is upside down."
        case .normalizedTwice: "The values are normalized: hand over 0...255, the model normalizes inside."
        }
    }

    /// What this mistake makes of a photograph.
    func applied(to photograph: RGBImage, _ preprocessor: Preprocessor, _ input: ModelInfo.Input) -> RGBImage {
        let right = preprocessor(photograph)
        switch self {
        case .bgr: return right.mapped { image, index in image.values[index + 2 - 2 * (index % 3)] }
        case .flipped: return Orientation.downMirrored.upright(right)
        case .stretched:
            return photograph.resized(to: (input.width, input.height), keeping: .all(of: input))
        case .uncropped:
            return Preprocessor(width: input.width, height: input.height, cropFraction: 1)(photograph)
        case .corner:
            let size = preprocessor.plan(width: photograph.width, height: photograph.height).size
            return photograph.resized(to: size, keeping: .all(of: input))
        case .normalizedTwice:
            return right.mapped { image, index in
                let value = (Double(image.values[index]) / 255 - input.mean[index % 3]) / input.std[index % 3]
                return UInt8(min(max(value.rounded(), 0), 255))
            }
        }
    }

    /// The mistake that explains pixels best, if one explains them clearly: its pixels are at least three times closer
    /// on average than the right ones, and within 8 of 255.
    public static func explaining(
        _ pixels: RGBImage, of photograph: RGBImage, input: ModelInfo.Input
    ) -> ImageMistake? {
        let preprocessor = Preprocessor(input)
        guard let wrong = pixels.distance(to: preprocessor(photograph)) else { return nil }
        let candidates = allCases.compactMap { mistake -> (ImageMistake, Double)? in
            pixels.distance(to: mistake.applied(to: photograph, preprocessor, input)).map { (mistake, $0) }
        }
        guard let best = candidates.min(by: { $0.1 < $1.1 }), best.1 <= 8, best.1 * 3 <= wrong else { return nil }
        return best.0
    }
}

extension PixelRect {
    fileprivate static func all(of input: ModelInfo.Input) -> PixelRect {
        PixelRect(left: 0, top: 0, width: input.width, height: input.height)
    }
}

extension RGBImage {
    fileprivate func mapped(_ value: (RGBImage, Int) -> UInt8) -> RGBImage {
        RGBImage(unchecked: values.indices.map { value(self, $0) }, width: width, height: height)
    }

    /// Mean absolute difference of the values; nil for images of different sizes.
    fileprivate func distance(to other: RGBImage) -> Double? {
        guard width == other.width, height == other.height else { return nil }
        let sum = zip(values, other.values).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        return Double(sum) / Double(values.count)
    }
}
