plugins {
    alias(libs.plugins.android.library)
}

android {
    namespace = "dev.edgevit.microbenchmark"
    compileSdk = 36
    // What debug builds take says nothing.
    testBuildType = "release"
    defaultConfig {
        minSdk = 24
        testInstrumentationRunner = "androidx.benchmark.junit4.AndroidBenchmarkRunner"
    }
    androidResources {
        noCompress += "tflite"
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_11
        targetCompatibility = JavaVersion.VERSION_11
    }
}

kotlin {
    compilerOptions {
        allWarningsAsErrors = true
    }
}

dependencies {
    androidTestImplementation(project(":edgevit"))
    androidTestImplementation(libs.androidx.benchmark)
    androidTestImplementation(libs.androidx.test.junit)
}
