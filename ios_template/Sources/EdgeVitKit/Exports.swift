// One import gives an app everything: the results and errors that the core declares are part of this module's API.
@_exported import EdgeVitCore
