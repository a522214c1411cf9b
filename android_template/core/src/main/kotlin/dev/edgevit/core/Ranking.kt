package dev.edgevit.core

import kotlin.math.exp

/** From scores to predictions. */
public object Ranking {
    /** Probabilities of logits, computed around their maximum so that no finite input overflows. */
    public fun softmax(logits: FloatArray): DoubleArray {
        if (logits.isEmpty()) return DoubleArray(0)
        val peak = logits.max().toDouble()
        val powers = DoubleArray(logits.size) { exp(logits[it] - peak) }
        val sum = powers.sum()
        return DoubleArray(powers.size) { powers[it] / sum }
    }

    /**
     * The [count] most probable classes, best first; equal ones in the order of their index.
     *
     * @throws EdgeVitException.UnexpectedOutput where the counts differ or a probability is not a number, which is what
     *   an overflow on the device looks like.
     */
    public fun top(count: Int, probabilities: DoubleArray, labels: List<String>): List<Prediction> {
        if (probabilities.size != labels.size) {
            throw EdgeVitException.UnexpectedOutput("${probabilities.size} scores for ${labels.size} labels")
        }
        if (!probabilities.all { it.isFinite() }) {
            throw EdgeVitException.UnexpectedOutput("a score that is not a finite number")
        }
        val order = probabilities.indices.sortedByDescending { probabilities[it] }
        return order.take(count.coerceAtLeast(0)).map { Prediction(it, labels[it], probabilities[it]) }
    }
}
