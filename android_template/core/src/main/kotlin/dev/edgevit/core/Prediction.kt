package dev.edgevit.core

/**
 * One class and how likely the model holds it to be.
 *
 * @property index Position of the class in the model's output and in `labels.txt`, from 0.
 * @property label Name of the class, exactly as it was given when the model was built.
 * @property probability Softmax probability, 0..1.
 */
public data class Prediction(public val index: Int, public val label: String, public val probability: Double)
