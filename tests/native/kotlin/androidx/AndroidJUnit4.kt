package androidx.test.ext.junit.runners

class AndroidJUnit4(tested: Class<*>) : org.junit.runners.BlockJUnit4ClassRunner(tested)
