// What the microbenchmark uses of androidx.benchmark 1.4, by its reference at developer.android.com.
package androidx.benchmark.junit4

import org.junit.rules.TestRule
import org.junit.runner.Description
import org.junit.runners.model.Statement

class BenchmarkRule : TestRule {
    class Scope

    override fun apply(base: Statement, description: Description): Statement = base
}

inline fun BenchmarkRule.measureRepeated(crossinline block: BenchmarkRule.Scope.() -> Unit): Unit =
    BenchmarkRule.Scope().block()
