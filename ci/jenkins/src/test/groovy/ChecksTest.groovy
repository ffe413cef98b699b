import static org.junit.jupiter.api.Assertions.assertEquals
import static org.junit.jupiter.api.Assertions.assertTrue

import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.CsvSource
import org.junit.jupiter.params.provider.ValueSource

/** What happens before a plan: parameters, versions, the matrix, the main job. */
class ChecksTest {
    @Test
    void 'every package is linted, typed, tested and built in a workspace of its own'() {
        def build = Fixture.run(ENVIRONMENT: 'dev')
        def cells = Fixture.PACKAGES.collectMany { Fixture.cell(it) }
        assertEquals(Fixture.FIRST + cells + ['nox -s local'], build.all('sh').take(Fixture.FIRST.size() + cells.size() + 1))
        for (name in Fixture.PACKAGES) {
            def cell = build.events.findAll { it.stage.startsWith("Packages / Matrix - PACKAGE = '${name}'") }
            assertEquals('checkout', cell.first().kind)
            assertEquals('deleteDir', cell.last().kind)
        }
    }

    @Test
    void 'test results and artefacts of a cell are collected'() {
        def build = Fixture.run(ENVIRONMENT: 'dev')
        assertEquals(['build/junit/ci.xml'] + Fixture.PACKAGES.collect { "build/junit/${it}.xml".toString() }, build.all('junit'))
        assertTrue(build.all('archive').contains('build/lambda/python3.13/statemachine.zip'))
        assertTrue(build.all('archive').contains('build/reports/run.md'))
    }

    @Test
    void 'results of exhaustive tests are collected beside the others'() {
        def world = Fixture.green(ENVIRONMENT: 'dev').on('nox -s exhaustive -- deployer', writes: ['build/junit/deployer.exhaustive.xml': '<testsuite/>'])
        assertTrue(Fixture.run(world).all('junit').contains('build/junit/deployer.exhaustive.xml build/junit/deployer.xml'))
    }

    @Test
    void 'a package whose tests fail is reported, the others go on, nothing is planned or released'() {
        def world = Fixture.green(ENVIRONMENT: 'dev').on('nox -s test -- deployer', exit: 1, writes: ['build/junit/deployer.xml': '<failure/>'])
        def build = Fixture.run(world)
        assertEquals('FAILURE', build.result)
        assertTrue(build.all('junit').contains('build/junit/deployer.xml'))
        assertEquals(['Exhaustive: an earlier failure', 'Build: an earlier failure', 'Integration: an earlier failure', 'Plan: an earlier failure',
            'Approval: an earlier failure', 'Release: an earlier failure'], build.all('skipped'))
        assertTrue(build.all('sh').containsAll(Fixture.cell('statemachine')))
        assertEquals([], Fixture.released(build))
    }

    @Test
    void 'results and artefacts are collected also when the build of a package fails'() {
        def world = Fixture.green(ENVIRONMENT: 'dev').on('nox -s build -- --package deployer', exit: 1, writes: ['build/wheels/half.whl': ''])
        def build = Fixture.run(world)
        assertEquals('FAILURE', build.result)
        assertTrue(build.all('archive').contains('build/wheels/half.whl'))
        assertTrue(build.all('junit').contains('build/junit/deployer.xml'))
    }

    @Test
    void 'the report of a failed main job is kept'() {
        def build = Fixture.run(Fixture.green(ENVIRONMENT: 'dev').on('nox -s local', exit: 1, writes: ['build/reports/red.md': '']))
        assertEquals('FAILURE', build.result)
        assertEquals('build/reports/red.md', build.all('archive').last())
        assertEquals([], Fixture.released(build))
    }

    @Test
    void 'ONLY_AFFECTED runs the cells that changed and skips the others without an agent'() {
        def world = Fixture.green(ENVIRONMENT: 'dev', ONLY_AFFECTED: true)
            .on('nox -s affected', stdout: Fixture.affected(['process-control', 'lambda-edv-check-results'], false))
        def build = Fixture.run(world)
        def cells = Fixture.cell('lambda-edv-check-results') + Fixture.cell('process-control')
        assertEquals(Fixture.FIRST + cells + ['nox -s configs -- check dev'], build.all('sh').take(Fixture.FIRST.size() + cells.size() + 1))
        def skipped = (Fixture.PACKAGES - ['process-control', 'lambda-edv-check-results']).collect { "Matrix - PACKAGE = '${it}': when".toString() }
        assertEquals(skipped + ['Integration: when', 'Approval: when'], build.all('skipped'))
        assertEquals(build.all('checkout').size(), build.all('deleteDir').size())
        assertEquals('SUCCESS', build.currentResult)
    }

    @Test
    void 'without ONLY_AFFECTED everything runs whatever changed'() {
        def build = Fixture.run(Fixture.green(ENVIRONMENT: 'dev').on('nox -s affected', stdout: Fixture.affected([], false)))
        assertTrue(build.all('sh').containsAll(Fixture.PACKAGES.collectMany { Fixture.cell(it) } + ['nox -s local']))
    }

    @Test
    void 'a package that affected does not know is checked'() {
        def world = Fixture.green(ENVIRONMENT: 'dev', ONLY_AFFECTED: true)
            .on('nox -s affected', stdout: '{"format": 1, "packages": [], "integration": {"affected": false}}')
        assertTrue(Fixture.run(world).all('sh').containsAll(Fixture.PACKAGES.collectMany { Fixture.cell(it) }))
    }

    @Test
    void 'another format of affected stops the build'() {
        def build = Fixture.run(Fixture.green(ENVIRONMENT: 'dev').on('nox -s affected', stdout: '{"format": 2}'))
        assertEquals('FAILURE', build.result)
        assertEquals(Fixture.FIRST.take(2), build.all('sh'))
    }

    @Test
    void 'a change without a version stops the build at once'() {
        def build = Fixture.run(Fixture.green(ENVIRONMENT: 'dev').on('nox -s gate', exit: 1))
        assertEquals('FAILURE', build.result)
        assertEquals(Fixture.FIRST.take(1), build.all('sh'))
    }

    @Test
    void 'an environment that is no choice is refused before the first stage'() {
        def build = Fixture.run(ENVIRONMENT: 'production')
        assertEquals('FAILURE', build.result)
        assertEquals([], build.events)
    }

    @ParameterizedTest
    @CsvSource(delimiterString = '|', value = ['ENVIRONMENT | production', 'ENVIRONMENT | prod;id', 'BASE | --all', 'BASE | main; id', 'BASE | $(id)', 'CANARY | 0',
        'CANARY | 100', 'CANARY | ten', 'MAX_DELETES | all', 'SMOKE_DATE | yesterday', 'SMOKE_DATE | 2026-6-1'])
    void 'a parameter that was edited by hand is refused before a command runs'(String name, String value) {
        def world = Fixture.green([ENVIRONMENT: 'dev', (name): value])
        world.checkChoices = false
        def build = Fixture.run(world)
        assertEquals('FAILURE', build.result)
        assertEquals([], build.all('sh'))
    }

    @ParameterizedTest
    @ValueSource(strings = ['dev', 'cert', 'prod', 'steam'])
    void 'the four environments are released'(String environment) {
        def build = Fixture.run(ENVIRONMENT: environment)
        assertEquals('SUCCESS', build.currentResult)
        assertTrue(build.all('sh').contains("nox -s deploy -- ${environment} --plan build/plans/${environment}.json --yes".toString()))
    }

    @Test
    void 'every stage with an agent has a time limit and cleans its workspace'() {
        def build = Fixture.run(ENVIRONMENT: 'dev')
        assertEquals(build.all('checkout').size(), build.all('deleteDir').size())
        def limited = build.events.findAll { it.kind == 'timeout' }*.stage as Set
        assertEquals([], build.events.findAll { it.kind == 'sh' && !limited.contains(it.stage) })
    }
}
