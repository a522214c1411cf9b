import EdgeVitKit
import Foundation

#if canImport(os)
    import os
#endif

/// The last report, where the Files app, Finder and device tools reach it.
struct ReportFile: Sendable {
    let url: URL

    /// - Parameter folder: Nil takes the app's documents.
    init(folder: URL? = nil) {
        let documents = folder ?? FileManager.default.urls(for: .documentDirectory, in: .userDomainMask).first
        url = (documents ?? FileManager.default.temporaryDirectory).appendingPathComponent("edgevit-report.json")
    }

    /// Replaces the file as a whole, so that a reader never sees half a report.
    func write(_ report: ProbeReport) throws {
        try report.json().write(to: url, options: .atomic)
    }
}

/// Lines that a waiting computer reads, in the system's log and on the standard output.
enum BenchLog {
    static func line(_ text: String) {
        #if canImport(os)
            Logger(subsystem: "dev.edgevit.bench", category: "EdgeVitBench")
                .notice("EdgeVitBench: \(text, privacy: .public)")
        #endif
        print("EdgeVitBench: \(text)")
    }
}

extension Error {
    /// What went wrong and what to do about it.
    var advice: String {
        [localizedDescription, (self as? LocalizedError)?.recoverySuggestion].compactMap { $0 }.joined(separator: " ")
    }

    /// As the log's reader expects it.
    var onOneLine: String { localizedDescription.split(whereSeparator: \.isNewline).joined(separator: " ") }
}
