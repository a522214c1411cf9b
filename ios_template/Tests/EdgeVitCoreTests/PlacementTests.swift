import EdgeVitCore
import Testing

@Suite("Choice of processors")
struct PlacementTests {
    @Test("every chain starts with what was asked and ends with the processor", arguments: ComputeUnits.allCases)
    func chains(units: ComputeUnits) {
        #expect(units.chain.first == units)
        #expect(units.chain.last == .cpuOnly)
        #expect(Set(units.chain).count == units.chain.count)
    }

    @Test("a failure moves on and is remembered")
    func fallback() {
        var placement = Placement(asked: .all)
        #expect(placement.candidate == .all)
        placement.fail("no engine")
        #expect(placement.candidate == .cpuAndGPU)
        placement.succeed()
        #expect(placement.used == .cpuAndGPU)
        #expect(placement.failures == [.init(units: .all, reason: "no engine")])
        placement.fail("in the background")
        #expect(placement.used == nil)
        #expect(placement.candidate == .cpuOnly)
        placement.fail("no memory")
        #expect(placement.candidate == nil)
        placement.fail("again")
        #expect(placement.failures.map(\.units) == [.all, .cpuAndGPU, .cpuOnly])
    }

    @Test("without fallback there is one choice")
    func strict() {
        var placement = Placement(asked: .cpuAndNeuralEngine, fallback: false)
        placement.fail("no engine")
        #expect(placement.candidate == nil)
    }
}
