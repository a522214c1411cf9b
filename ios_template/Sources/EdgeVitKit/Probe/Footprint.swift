#if canImport(Darwin)
    import Darwin
#endif

/// The memory that counts against the app's limit.
enum Footprint {
    /// Bytes; nil where the system does not tell.
    static func bytes() -> Int? {
        #if canImport(Darwin)
            var info = task_vm_info_data_t()
            let words = MemoryLayout<task_vm_info_data_t>.size / MemoryLayout<integer_t>.size
            var count = mach_msg_type_number_t(words)
            let status = withUnsafeMutablePointer(to: &info) { pointer in
                pointer.withMemoryRebound(to: integer_t.self, capacity: words) {
                    // The usual mach_task_self_ is a variable, which is not safe to read concurrently.
                    task_info(task_self_trap(), task_flavor_t(TASK_VM_INFO), $0, &count)
                }
            }
            return status == KERN_SUCCESS ? Int(info.phys_footprint) : nil
        #else
            return nil
        #endif
    }
}
