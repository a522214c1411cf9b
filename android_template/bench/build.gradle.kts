plugins {
    alias(libs.plugins.android.application)
}

android {
    namespace = "dev.edgevit.bench"
    compileSdk = 36
    defaultConfig {
        applicationId = "dev.edgevit.bench"
        // The first that reads APK Signature Scheme v2, which edgevit's own APKs are signed with.
        minSdk = 24
        targetSdk = 36
        versionCode = 1
        versionName = "1.0.0"
    }
    androidResources {
        // A compressed model could not be mapped into memory.
        noCompress += "tflite"
    }
    buildTypes {
        release {
            isMinifyEnabled = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"))
            // So that the release build, the only one whose figures count, installs without a key of yours.
            signingConfig = signingConfigs.getByName("debug")
        }
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
    implementation(project(":edgevit"))
    runtimeOnly(libs.litert.gpu)
}
