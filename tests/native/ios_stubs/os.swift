// The part of os that the package names, for type checks against an iOS triple: declarations without behaviour.

@available(iOS 13.0, *)
public func os_proc_available_memory() -> Int { 0 }
