package dev.edgevit.bench

import android.content.Intent
import android.net.Uri
import dev.edgevit.core.Accelerator
import dev.edgevit.core.probe.ProbePlan

/**
 * What to measure, by button, by `adb shell am start` or by Firebase Test Lab.
 *
 * @property copyTo Where Test Lab wants the report as well.
 * @property endsApp Whether the app goes away afterwards, which is how Test Lab knows that a loop is over.
 */
internal data class Request(val plan: ProbePlan, val copyTo: Uri? = null, val endsApp: Boolean = false) {
    companion object {
        private const val TEST_LOOP = "com.google.intent.action.TEST_LOOP"
        private const val DEFAULT_MINUTES = 5
        private const val MOST_MINUTES = 120

        /** The request of a launch without a person, or null. */
        fun of(intent: Intent): Request? = when {
            intent.action == TEST_LOOP -> Request(loop(intent.getIntExtra("scenario", 1)), intent.data, endsApp = true)
            intent.getBooleanExtra("autorun", false) -> Request(asked(intent))
            else -> null
        }

        private fun asked(intent: Intent): ProbePlan {
            val minutes = intent.getIntExtra("minutes", DEFAULT_MINUTES)
            return plan(intent.getStringExtra("protocol"), accelerator(intent), minutes)
        }

        /**
         * The plan of a protocol's name.
         *
         * @throws IllegalArgumentException for an unknown name.
         */
        fun plan(protocol: String?, accelerator: Accelerator, minutes: Int = DEFAULT_MINUTES): ProbePlan =
            when (protocol ?: ProbePlan.Layout.STANDARD.word) {
                ProbePlan.Layout.STANDARD.word -> ProbePlan.standard(accelerator)
                ProbePlan.Layout.SUSTAINED.word -> ProbePlan.sustained(minutes.coerceIn(1, MOST_MINUTES), accelerator)
                ProbePlan.Layout.MODELBENCH.word -> ProbePlan.modelbench(accelerator)
                else -> throw IllegalArgumentException("no protocol $protocol")
            }

        private fun loop(scenario: Int): ProbePlan =
            plan(ProbePlan.Layout.entries.getOrNull(scenario - 1)?.word, Accelerator.CPU)

        private fun accelerator(intent: Intent): Accelerator {
            val word = intent.getStringExtra("accelerator") ?: return Accelerator.CPU
            return requireNotNull(Accelerator.ofWord(word)) { "no accelerator $word" }
        }
    }
}
