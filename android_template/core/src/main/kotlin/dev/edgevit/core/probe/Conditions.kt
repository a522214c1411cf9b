package dev.edgevit.core.probe

/**
 * How hot the device says it is.
 *
 * @property word Name in reports.
 */
public enum class Thermal(public val word: String) {
    NOMINAL("nominal"),
    FAIR("fair"),
    SERIOUS("serious"),
    CRITICAL("critical"),
    ;

    public companion object {
        /**
         * Android's `PowerManager.THERMAL_STATUS_*` in the four steps of a report: none; light and moderate, which
         * may throttle a little; severe; anything worse.
         */
        public fun ofStatus(status: Int): Thermal = when (status) {
            0 -> NOMINAL
            1, 2 -> FAIR
            3 -> SERIOUS
            else -> CRITICAL
        }
    }
}

/**
 * The state of the device at one moment.
 *
 * @property battery Charge in percent; null where the system does not tell.
 * @property freeMemory Bytes that the system has left; null where it does not tell.
 * @property headroom Thermal headroom in percent, 100 where throttling begins; null where the system does not tell.
 * @property ownMemory Bytes that this app holds (PSS); null where it was not looked up.
 */
public data class Conditions(
    val thermal: Thermal,
    val lowPower: Boolean,
    val battery: Int?,
    val freeMemory: Long?,
    val headroom: Int? = null,
    val ownMemory: Long? = null,
) {
    internal fun json(): Map<String, Any?> = mapOf(
        "thermal" to thermal.word,
        "low_power" to lowPower,
        "battery_percent" to battery,
        "free_memory_bytes" to freeMemory,
        "thermal_headroom_percent" to headroom,
        "pss_bytes" to ownMemory,
    )
}
