// The C library and the kernel's interface as far as the package names them, for type checks against an iOS triple:
// declarations without behaviour, as the headers of Apple's open-source XNU have them.

public typealias integer_t = Int32
public typealias mach_msg_type_number_t = UInt32
public typealias task_flavor_t = UInt32
public typealias mach_port_t = UInt32
public typealias kern_return_t = Int32
public let KERN_SUCCESS: kern_return_t = 0
public let TASK_VM_INFO: Int32 = 22
public struct task_vm_info_data_t {
    public init() {}
    public var phys_footprint: UInt64 = 0
}
public func task_self_trap() -> mach_port_t { 0 }
public func task_info(
    _ target_task: mach_port_t, _ flavor: task_flavor_t, _ task_info_out: UnsafeMutablePointer<integer_t>?,
    _ task_info_outCnt: UnsafeMutablePointer<mach_msg_type_number_t>?
) -> kern_return_t { 0 }
