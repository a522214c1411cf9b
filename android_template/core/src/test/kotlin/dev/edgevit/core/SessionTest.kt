package dev.edgevit.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

class SessionTest {
    /** A runtime in which some processors do not load or do not run; counts what is open. */
    private class World(val unloadable: Set<Accelerator> = emptySet(), val broken: Set<Accelerator> = emptySet()) {
        val opened = ArrayList<Accelerator>()
        var alive = 0

        fun open(accelerator: Accelerator): Engine {
            opened += accelerator
            if (accelerator in unloadable) throw IllegalStateException("no ${accelerator.word}")
            alive++
            return object : Engine {
                override fun run(images: List<RgbImage>): List<List<OutputArray>> {
                    check(accelerator !in broken) { "${accelerator.word} broke" }
                    return images.map { listOf(OutputArray(accelerator.word, listOf(1), floatArrayOf(1f))) }
                }

                override fun close() {
                    alive--
                }
            }
        }

        fun session(asked: Accelerator, fallback: Boolean = true) = Session(asked, fallback, ::open)
    }

    private val images = listOf(RgbImage(1, 1, ByteArray(3)))

    @Test
    fun `every chain starts with what was asked and ends with the CPU`() {
        for (accelerator in Accelerator.entries) {
            assertEquals(accelerator, accelerator.chain.first())
            assertEquals(Accelerator.CPU, accelerator.chain.last())
        }
        assertEquals(listOf("npu", "gpu", "cpu"), Accelerator.NPU.chain.map { it.word })
        assertEquals(Accelerator.GPU, Accelerator.ofWord("gpu"))
        assertNull(Accelerator.ofWord("GPU"))
    }

    @Test
    fun `a model is loaded once, on first use`() {
        val world = World()
        val session = world.session(Accelerator.CPU)
        assertFalse(session.isLoaded)
        repeat(3) { session.run(images) }
        session.load()
        assertEquals(listOf(Accelerator.CPU), world.opened)
        assertEquals(Accelerator.CPU, session.placement.used)
    }

    @Test
    fun `what does not load is skipped, and the reason kept`() {
        val session = World(unloadable = setOf(Accelerator.NPU, Accelerator.GPU)).session(Accelerator.NPU)
        assertEquals("cpu", session.run(images).single().single().name)
        assertEquals(Accelerator.NPU, session.placement.asked)
        assertEquals(listOf("no npu", "no gpu"), session.placement.failures.map { it.reason })
    }

    @Test
    fun `what does not run is closed, and the next one answers`() {
        val world = World(broken = setOf(Accelerator.GPU))
        val session = world.session(Accelerator.GPU)
        assertEquals("cpu", session.run(images).single().single().name)
        assertEquals(listOf("gpu broke"), session.placement.failures.map { it.reason })
        assertEquals(1, world.alive)
        session.close()
        assertEquals(0, world.alive)
    }

    @Test
    fun `when the last one fails the caller hears why, and may try again`() {
        val world = World(broken = setOf(Accelerator.CPU))
        val session = world.session(Accelerator.CPU)
        val error = assertThrows(EdgeVitException.PredictionFailed::class.java) { session.run(images) }
        assertTrue("cpu broke" in error.message.orEmpty())
        assertEquals(0, world.alive)
        assertThrows(EdgeVitException.PredictionFailed::class.java) { session.run(images) }
        assertEquals(2, world.opened.size)
    }

    @Test
    fun `without fallback there is one choice`() {
        val world = World(unloadable = setOf(Accelerator.GPU))
        val session = world.session(Accelerator.GPU, fallback = false)
        val error = assertThrows(EdgeVitException.ModelUnavailable::class.java) { session.load() }
        assertTrue("no gpu" in error.message.orEmpty())
        assertEquals(listOf(Accelerator.GPU), world.opened)
    }

    @Test
    fun `a missing native library is a reason, not a crash`() {
        val session = Session(Accelerator.CPU, true) { throw UnsatisfiedLinkError("no litert_jni") }
        val error = assertThrows(EdgeVitException.ModelUnavailable::class.java) { session.load() }
        assertTrue("no litert_jni" in error.message.orEmpty())
    }

    @Test
    fun `unloading frees, reloading starts from what was asked`() {
        val broken = HashSet(setOf(Accelerator.GPU))
        val world = World(broken = broken)
        val session = world.session(Accelerator.GPU)
        session.run(images)
        session.unload()
        assertFalse(session.isLoaded)
        assertEquals(0, world.alive)
        session.run(images)
        assertEquals(Accelerator.CPU, session.placement.used)
        broken.clear()
        session.reload()
        assertEquals(Accelerator.GPU, session.placement.used)
        assertEquals(emptyList<Placement.Failure>(), session.placement.failures)
        assertEquals(1, world.alive)
    }
}
