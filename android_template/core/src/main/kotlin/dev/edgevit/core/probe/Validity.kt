package dev.edgevit.core.probe

/**
 * Why a report's figures must not be compared with others.
 *
 * @property word Name in reports.
 */
public enum class InvalidReason(public val word: String) {
    UNFINISHED("unfinished"),
    CANCELLED("cancelled"),
    TOO_FEW_RUNS("too_few_runs"),
    OTHER_PROCESSORS("other_processors"),
    INTERRUPTED("interrupted"),
    LOW_MEMORY("low_memory"),
    THROTTLED("throttled"),
    LOW_POWER("low_power"),
    NOT_OPTIMIZED("not_optimized"),
    ;

    internal fun holds(report: ProbeReport): Boolean = when (this) {
        UNFINISHED -> report.phase != ProbeReport.Phase.MEASURED
        CANCELLED -> report.has(ProbeEvent.Kind.CANCELLED)
        TOO_FEW_RUNS -> report.runs < report.plan.minimumRuns
        OTHER_PROCESSORS -> report.placement.used != report.plan.accelerator
        INTERRUPTED -> report.has(ProbeEvent.Kind.BACKGROUND)
        LOW_MEMORY -> report.has(ProbeEvent.Kind.MEMORY_WARNING)
        THROTTLED -> report.plan.layout != ProbePlan.Layout.SUSTAINED &&
            report.samples.any { it.conditions.thermal >= Thermal.SERIOUS }
        LOW_POWER -> report.samples.any { it.conditions.lowPower }
        NOT_OPTIMIZED -> !report.subject.optimized
    }

    private fun ProbeReport.has(kind: ProbeEvent.Kind): Boolean = events.any { it.kind == kind }
}

/** All reasons, in their order; none means that the figures are good. */
public val ProbeReport.invalidReasons: List<InvalidReason> get() = InvalidReason.entries.filter { it.holds(this) }

/** Whether the figures may be compared with others. */
public val ProbeReport.isValid: Boolean get() = invalidReasons.isEmpty()
