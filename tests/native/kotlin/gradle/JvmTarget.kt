package org.jetbrains.kotlin.gradle.dsl

enum class JvmTarget { JVM_1_8, JVM_11, JVM_17 }
