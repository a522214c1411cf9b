// The part of Gradle's, the Android plugin's and the Kotlin plugin's script language that this project's scripts use.
// Written after docs.gradle.org/current/kotlin-dsl and developer.android.com/reference/tools/gradle-api/9.0.
package gradle

enum class JavaVersion { VERSION_11, VERSION_17 }

enum class RepositoriesMode { PREFER_PROJECT, PREFER_SETTINGS, FAIL_ON_PROJECT_REPOS }

class PluginAlias

open class Library

interface ProjectDependency

interface SoftwareComponent

class MavenPublication { var artifactId: String = ""; fun from(component: SoftwareComponent) {} }

interface PluginSpec { infix fun apply(apply: Boolean): PluginSpec }

interface Plugins {
    fun alias(plugin: PluginAlias): PluginSpec
    val `maven-publish`: PluginSpec
}

interface Repositories {
    fun google()
    fun mavenCentral()
    fun gradlePluginPortal()
}

interface Publications

inline fun <reified T> Publications.register(name: String, action: T.() -> Unit) {}

interface Publishing { fun publications(action: Publications.() -> Unit) }

interface DefaultConfig {
    var minSdk: Int?
    var testInstrumentationRunner: String?
    fun consumerProguardFiles(vararg files: Any)
}

interface ApplicationDefaultConfig : DefaultConfig {
    var applicationId: String?
    var targetSdk: Int?
    var versionCode: Int?
    var versionName: String?
}

interface CompileOptions { var sourceCompatibility: JavaVersion; var targetCompatibility: JavaVersion }

interface SingleVariant { fun withSourcesJar() }

interface LibraryPublishing { fun singleVariant(name: String, action: SingleVariant.() -> Unit) }

interface AndroidResources { val noCompress: MutableCollection<String> }

interface SigningConfig

interface SigningConfigs { fun getByName(name: String): SigningConfig }

interface BuildType {
    var isMinifyEnabled: Boolean
    var signingConfig: SigningConfig?
    fun proguardFiles(vararg files: Any)
}

interface BuildTypes { fun release(action: BuildType.() -> Unit) }

interface Android {
    var namespace: String?
    var compileSdk: Int?
    var testBuildType: String
    fun compileOptions(action: CompileOptions.() -> Unit)
    fun androidResources(action: AndroidResources.() -> Unit)
    fun buildTypes(action: BuildTypes.() -> Unit)
    val signingConfigs: SigningConfigs
    fun getDefaultProguardFile(name: String): Any
}

interface LibraryExtension : Android {
    fun defaultConfig(action: DefaultConfig.() -> Unit)
    fun publishing(action: LibraryPublishing.() -> Unit)
}

interface ApplicationExtension : Android { fun defaultConfig(action: ApplicationDefaultConfig.() -> Unit) }

interface CompilerOptions {
    var jvmTarget: org.jetbrains.kotlin.gradle.dsl.JvmTarget
    var allWarningsAsErrors: Boolean
}

interface KotlinExtension {
    fun explicitApi()
    fun compilerOptions(action: CompilerOptions.() -> Unit)
}

interface JavaExtension {
    var sourceCompatibility: JavaVersion
    var targetCompatibility: JavaVersion
    fun withSourcesJar()
}

interface Dependencies {
    fun project(path: String): ProjectDependency
    fun api(dependency: Library)
    fun api(dependency: ProjectDependency)
    fun implementation(dependency: Library)
    fun implementation(dependency: ProjectDependency)
    fun runtimeOnly(dependency: Library)
    fun testImplementation(dependency: Library)
    fun androidTestImplementation(dependency: Library)
    fun androidTestImplementation(dependency: ProjectDependency)
}

interface Components { operator fun get(name: String): SoftwareComponent }

/** A script of any project. */
interface Script {
    val components: Components
    fun plugins(action: Plugins.() -> Unit)
    fun dependencies(action: Dependencies.() -> Unit)
    fun kotlin(action: KotlinExtension.() -> Unit)
    fun publishing(action: Publishing.() -> Unit)
    fun afterEvaluate(action: () -> Unit)
}

interface RootScript : Script

interface JvmScript : Script { fun java(action: JavaExtension.() -> Unit) }

interface LibraryScript : Script { fun android(action: LibraryExtension.() -> Unit) }

interface ApplicationScript : Script { fun android(action: ApplicationExtension.() -> Unit) }

interface PluginManagement { fun repositories(action: Repositories.() -> Unit) }

interface DependencyResolution {
    var repositoriesMode: RepositoriesMode
    fun repositories(action: Repositories.() -> Unit)
}

interface RootProject { var name: String }

interface Provider { val isPresent: Boolean }

interface Providers { fun gradleProperty(name: String): Provider }

interface SettingsScript {
    val providers: Providers
    val rootProject: RootProject
    fun pluginManagement(action: PluginManagement.() -> Unit)
    fun dependencyResolutionManagement(action: DependencyResolution.() -> Unit)
    fun include(vararg projects: String)
}
