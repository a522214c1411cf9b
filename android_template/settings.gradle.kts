pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositoriesMode = RepositoriesMode.FAIL_ON_PROJECT_REPOS
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "EdgeVit"

include(":core", ":edgevit", ":bench")

// It needs androidx and a phone, so it takes part only where somebody asks: gradle -Pmicrobenchmark ...
if (providers.gradleProperty("microbenchmark").isPresent) include(":microbenchmark")
