package dev.edgevit.core

/**
 * What can go wrong, each with a sentence for people and one on what to do.
 *
 * @property suggestion What the app's developer can do about it.
 */
public sealed class EdgeVitException(
    message: String,
    public val suggestion: String,
    cause: Throwable? = null,
) : RuntimeException(message, cause) {
    /** A file that the library carries is missing. */
    public class MissingResource(name: String, cause: Throwable? = null) :
        EdgeVitException("The model package has no $name.", REBUILD, cause)

    /** A file that the library carries cannot be used. */
    public class BadModelData(reason: String, cause: Throwable? = null) :
        EdgeVitException("The model package is damaged: $reason.", REBUILD, cause)

    /** An image that has no pixels or cannot be read. */
    public class UnreadableImage(reason: String, cause: Throwable? = null) :
        EdgeVitException("The image cannot be read: $reason.", "Pass an image of at least one pixel.", cause)

    /** LiteRT could not load the model for any of the allowed processors. */
    public class ModelUnavailable(reason: String, cause: Throwable? = null) :
        EdgeVitException(
            "LiteRT cannot load the model: $reason",
            "Check the device's free memory and its processor type, then try again.",
            cause,
        )

    /** LiteRT could not run the model. */
    public class PredictionFailed(reason: String, cause: Throwable? = null) :
        EdgeVitException(
            "LiteRT cannot run the model: $reason",
            "Load the model for the CPU alone; report the device and Android version if that fails too.",
            cause,
        )

    /** The model answered with something that its configuration does not describe. */
    public class UnexpectedOutput(reason: String) :
        EdgeVitException(
            "The model gave an unexpected output: $reason.",
            "Run the golden self-test; if it fails, report the device and Android version.",
        )

    /** The model was built with another head than this call needs. */
    public class WrongHead(needed: String, built: String) :
        EdgeVitException(
            "This needs a model with head $needed; this one has head $built.",
            "Build the library again with --head $needed.",
        )

    /** A call after `close()`. */
    public class Closed : EdgeVitException("The model is closed.", "Create a new one; a closed one stays closed.")

    private companion object {
        const val REBUILD = "Build the library again with edgevit and replace the whole project."
    }
}
