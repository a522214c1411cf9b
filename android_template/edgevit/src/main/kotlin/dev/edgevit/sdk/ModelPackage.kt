package dev.edgevit.sdk

import android.content.res.AssetManager
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import dev.edgevit.core.EdgeVitException
import dev.edgevit.core.Labels
import dev.edgevit.core.ModelInfo
import dev.edgevit.core.OutputArray
import dev.edgevit.core.selftest.Golden
import java.io.FileInputStream
import java.io.IOException
import java.nio.MappedByteBuffer
import java.nio.channels.FileChannel

/**
 * The files that edgevit wrote into this library's assets: the model, what it is, its labels, and what PyTorch computed
 * on some photographs.
 *
 * @throws EdgeVitException.MissingResource where a file is missing.
 * @throws EdgeVitException.BadModelData where one is damaged.
 */
internal class ModelPackage(val assets: AssetManager) {
    val info: ModelInfo = ModelInfo.parse(read("edgevit.json"))
    val labels: List<String> = Labels.parse(read("labels.txt"), info.output.classes)
    val golden: Golden = Golden.parse(read("golden.json"))

    /** Where the model is among the assets. */
    val modelPath: String = "$FOLDER/${info.artifact.file}"

    /** How many images the model takes at once. */
    val batch: Int = info.input.batch

    /** Names, shapes and sizes of the outputs on one image, in order. */
    val outputs: List<OutputSpec> = outputSpecs()

    /** Maps the model's file into memory; the asset must be stored uncompressed. */
    fun mapModel(): MappedByteBuffer = openModel { file, start, length ->
        file.channel.map(FileChannel.MapMode.READ_ONLY, start, length)
    }

    /** Checks that the model's file is the one that `edgevit.json` describes, by its length. */
    fun checkModel(): Unit = openModel { _, _, length ->
        if (length != info.artifact.bytes) {
            throw EdgeVitException.BadModelData("$modelPath has $length bytes, not ${info.artifact.bytes}")
        }
    }

    /**
     * Checks that the model's input is the one that `edgevit.json` describes.
     *
     * @param type The input's element type, by the name that `edgevit.json` has for it.
     * @param shape The input's axes: batch, height, width, channels.
     */
    fun checkInput(type: String, shape: List<Int>) {
        val described = info.input.type.word to listOf(batch, info.input.height, info.input.width, 3)
        if (type to shape != described) {
            throw EdgeVitException.BadModelData("$modelPath takes ${type to shape}, edgevit.json says $described")
        }
    }

    /** Deals out what the outputs hold, by [values], to the first [count] images of a batch. */
    fun answers(count: Int, values: (OutputSpec) -> FloatArray): List<List<OutputArray>> {
        val whole = outputs.map { it to values(it) }
        return List(count) { place -> whole.map { (spec, all) -> spec.answer(all, place) } }
    }

    /** Decodes a photograph of the self-test. */
    fun photograph(name: String): Bitmap {
        val bytes = read("photos/$name.png")
        // Colours must stay as they are stored: networks are trained on stored values.
        val options = BitmapFactory.Options().apply { inPreferredConfig = Bitmap.Config.ARGB_8888 }
        return BitmapFactory.decodeByteArray(bytes, 0, bytes.size, options)
            ?: throw EdgeVitException.BadModelData("photos/$name.png is no image")
    }

    private fun <T> openModel(use: (FileInputStream, Long, Long) -> T): T = try {
        assets.openFd(modelPath).use { asset ->
            asset.createInputStream().use { use(it, asset.startOffset, asset.length) }
        }
    } catch (error: IOException) {
        throw EdgeVitException.MissingResource("$modelPath stored uncompressed", error)
    }

    private fun read(name: String): ByteArray = try {
        assets.open("$FOLDER/$name").use { it.readBytes() }
    } catch (error: IOException) {
        throw EdgeVitException.MissingResource(name, error)
    }

    private fun outputSpecs(): List<OutputSpec> {
        val shapes = golden.photos.firstOrNull()?.outputs?.map { it.shape }
        val names = info.output.names
        if (shapes == null || shapes.size != names.size) {
            throw EdgeVitException.BadModelData("golden.json does not describe every output")
        }
        return names.zip(shapes) { name, shape -> OutputSpec.ofPyTorch(name, shape) }
    }

    private companion object {
        const val FOLDER = "edgevit"
    }
}

/** Name and shape of one output on one image, as TFLite gives it. */
internal data class OutputSpec(val name: String, val shape: List<Int>) {
    /** How many values it has. */
    val size: Int = shape.fold(1) { product, length -> product * length }

    /** The output on the image in one place of a batch, of which [all] holds the values one behind the other. */
    fun answer(all: FloatArray, place: Int): OutputArray =
        OutputArray(name, shape, all.copyOfRange(place * size, (place + 1) * size))

    companion object {
        /** The output whose shape in PyTorch is [shape]: stage maps have their channels last here. */
        fun ofPyTorch(name: String, shape: List<Int>): OutputSpec =
            OutputSpec(name, if (shape.size == 4) listOf(shape[0], shape[2], shape[3], shape[1]) else shape)
    }
}
