import static org.junit.jupiter.api.Assertions.assertEquals
import static org.junit.jupiter.api.Assertions.assertFalse
import static org.junit.jupiter.api.Assertions.assertNull
import static org.junit.jupiter.api.Assertions.assertTrue

import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.CsvSource
import org.junit.jupiter.params.provider.ValueSource

/** Plan, approval, deploy of exactly that plan, configs, smoke run, rollback. */
class ReleaseTest {
    static final Exception REFUSED = new FlowInterruptedException('Rejected by a.lead')

    static List<String> commands(String environment) {
        return ["nox -s configs -- check ${environment}",
            "nox -s plan -- ${environment} --out build/plans/${environment}.json --markdown build/plans/${environment}.md",
            "nox -s releases -- ${environment} --json",
            "nox -s deploy -- ${environment} --plan build/plans/${environment}.json --yes",
            "nox -s configs -- push ${environment}",
            "nox -s invoke -- ${environment} edv-build-processing-plan ci/smoke/plan.json"]*.toString()
    }

    @Test
    void 'a release to dev is planned, deployed, published and tried without a question'() {
        def build = Fixture.run(ENVIRONMENT: 'dev')
        assertEquals(commands('dev'), Fixture.released(build))
        assertEquals([], build.all('input'))
        assertEquals('SUCCESS', build.currentResult)
        assertTrue(build.all('archive').contains('build/plans/dev.json build/plans/dev.md'))
    }

    @Test
    void 'what is deployed is what was planned, on an agent of its own'() {
        def build = Fixture.run(ENVIRONMENT: 'dev')
        def deploy = build.one('sh', 'nox -s deploy')
        assertEquals('{"digest": "abc"}', deploy.files['build/plans/dev.json'])
        assertEquals('planned zip', deploy.files['build/lambda/python3.13/lambda-download-zip.zip'])
        assertNull(deploy.files['build/requirements/x.txt'])
    }

    @Test
    void 'credentials are bound by id around calls of AWS and nothing else'() {
        def build = Fixture.run(ENVIRONMENT: 'cert')
        def bound = build.events.findAll { it.credentials }
        assertEquals(commands('cert').drop(1), bound*.what)
        assertEquals([['cars-aws-cert']], bound*.credentials.unique())
    }

    @Test
    void 'prod waits for an approval that shows the plan and holds no agent'() {
        def build = Fixture.run(ENVIRONMENT: 'prod')
        def question = build.one('input', 'Approve')
        assertEquals("Approve (cars-approvers): Release to prod?\n\n${Fixture.PLAN}".toString(), question.what)
        assertNull(question.node)
        assertTrue(build.indexOf('sh', 'nox -s plan') < build.indexOf('input', 'Approve'))
        assertTrue(build.indexOf('input', 'Approve') < build.indexOf('sh', 'nox -s deploy'))
        assertEquals('12 HOURS', build.events.find { it.kind == 'timeout' && it.stage == 'Approval' }.what)
        assertEquals('approved by a.lead', build.description)
        assertEquals(commands('prod'), Fixture.released(build))
    }

    @Test
    void 'the approvers of prod can be named by the folder'() {
        def world = Fixture.green(ENVIRONMENT: 'prod')
        world.env.CARS_APPROVERS = 'release-managers'
        assertTrue(Fixture.run(world).one('input', 'Approve').what.startsWith('Approve (release-managers)'))
    }

    @ParameterizedTest
    @ValueSource(strings = ['Rejected by a.lead', 'Timeout has been exceeded'])
    void 'a refused or late approval ends the build, and nothing is released'(String reason) {
        def world = Fixture.green(ENVIRONMENT: 'prod')
        world.answers.Approve = new FlowInterruptedException(reason)
        def build = Fixture.run(world)
        assertEquals('ABORTED', build.result)
        assertEquals(commands('prod').take(3), Fixture.released(build))
        assertEquals(['Release: an earlier failure'], build.all('skipped'))
    }

    @Test
    void 'a plan without changes skips the deploy, not the configs'() {
        def build = Fixture.run(Fixture.green(ENVIRONMENT: 'dev').on('nox -s plan', exit: 0, writes: Fixture.plan('dev')))
        assertEquals(commands('dev') - commands('dev')[3], Fixture.released(build))
        assertEquals(['Approval: when', 'Deploy: when'], build.all('skipped'))
        assertEquals('SUCCESS', build.currentResult)
    }

    @Test
    void 'publishing configs to prod waits for an approval also when the plan has no changes'() {
        def build = Fixture.run(Fixture.green(ENVIRONMENT: 'prod').on('nox -s plan', exit: 0, writes: Fixture.plan('prod')))
        assertTrue(build.indexOf('input', 'Approve') < build.indexOf('sh', 'configs -- push'))
        assertEquals([], build.all('sh').findAll { it =~ '-s deploy' })
    }

    @ParameterizedTest
    @ValueSource(ints = [1, 3, 130])
    void 'any other end of the plan stops the build'(int code) {
        def build = Fixture.run(Fixture.green(ENVIRONMENT: 'dev').on('nox -s plan', exit: code, writes: ['build/plans/dev.md': '# half']))
        assertEquals('FAILURE', build.result)
        assertEquals(commands('dev').take(3), Fixture.released(build))
        assertEquals(['Approval: an earlier failure', 'Release: an earlier failure'], build.all('skipped'))
        assertTrue(build.all('archive').contains('build/plans/dev.md'))
    }

    @Test
    void 'configs that do not compile stop the build before the plan'() {
        def build = Fixture.run(Fixture.green(ENVIRONMENT: 'dev').on('configs -- check', exit: 1))
        assertEquals('FAILURE', build.result)
        assertEquals(commands('dev').take(1), Fixture.released(build))
    }

    @Test
    void 'a canary is planned as one'() {
        def build = Fixture.run(ENVIRONMENT: 'dev', CANARY: '10')
        assertTrue(build.all('sh').contains(commands('dev')[1] + ' --canary 10'))
    }

    @Test
    void 'with a date the smoke test is a whole run'() {
        def build = Fixture.run(ENVIRONMENT: 'dev', SMOKE_DATE: '2026-06-01')
        assertEquals('nox -s run -- dev --date 2026-06-01', build.all('sh').last())
    }

    @ParameterizedTest
    @CsvSource(delimiterString = '|', value = ['nox -s deploy | 4', 'nox -s configs -- push | 5', 'nox -s invoke | 6'])
    void 'a failed release offers a rollback, which runs when accepted'(String command, int before) {
        def world = Fixture.green(ENVIRONMENT: 'dev').on(command, exit: 1)
        world.answers.Rollback = 'a.lead'
        def build = Fixture.run(world)
        assertEquals(commands('dev').take(before) + ['nox -s rollback -- dev r7 --yes'], Fixture.released(build))
        assertNull(build.one('input', 'Rollback').node)
        assertEquals(['cars-aws-dev'], build.one('sh', 'rollback').credentials)
        assertEquals('cars', build.one('sh', 'rollback').node)
        assertEquals('FAILURE', build.result)
        assertEquals('rolled back', build.description)
        assertTrue(build.all('echo').last().contains('nox -s configs -- rollback dev RELEASE'))
        assertEquals(build.all('checkout').size(), build.all('deleteDir').size())
    }

    @Test
    void 'a rollback of prod is for the approvers'() {
        def world = Fixture.green(ENVIRONMENT: 'prod').on('nox -s deploy', exit: 1)
        world.answers.Rollback = 'a.lead'
        def build = Fixture.run(world)
        assertTrue(build.one('input', 'Rollback').what.startsWith('Rollback (cars-approvers)'))
        assertEquals('approved by a.lead rolled back', build.description)
    }

    @ParameterizedTest
    @ValueSource(strings = ['nox -s deploy', 'nox -s invoke'])
    void 'a declined rollback leaves a failed build and says how to go on'(String command) {
        def world = Fixture.green(ENVIRONMENT: 'dev').on(command, exit: 1)
        world.answers.Rollback = REFUSED
        def build = Fixture.run(world)
        assertEquals('FAILURE', build.result)
        assertFalse(build.all('sh').any { it =~ 'rollback' })
        assertTrue(build.all('echo').last().contains('nox -s rollback -- dev r7'))
    }

    @Test
    void 'a rollback that fails is an error of the build'() {
        def world = Fixture.green(ENVIRONMENT: 'dev').on('nox -s deploy', exit: 1).on('nox -s rollback', exit: 1)
        world.answers.Rollback = 'a.lead'
        def build = Fixture.run(world)
        assertEquals('FAILURE', build.result)
        assertNull(build.description)
    }

    @Test
    void 'the first release has none to go back to'() {
        def world = Fixture.green(ENVIRONMENT: 'dev').on('nox -s releases', stdout: '[]').on('nox -s deploy', exit: 1)
        def build = Fixture.run(world)
        assertEquals('FAILURE', build.result)
        assertEquals([], build.all('input'))
        assertTrue(build.all('echo').last().startsWith('no release to go back to: this was the first'))
    }

    @Test
    void 'deletions need leave'() {
        def build = Fixture.run(ENVIRONMENT: 'dev', MAX_DELETES: '2')
        assertTrue(build.all('sh').contains(commands('dev')[3] + ' --max-deletes 2'))
    }

    @Test
    void 'where nothing was deployed there is nothing to roll back'() {
        def world = Fixture.green(ENVIRONMENT: 'dev').on('nox -s plan', exit: 0, writes: Fixture.plan('dev')).on('configs -- push', exit: 1)
        def build = Fixture.run(world)
        assertEquals('FAILURE', build.result)
        assertEquals([], build.all('input'))
        assertTrue(build.all('echo').last().contains('nox -s configs -- rollback dev RELEASE'))
    }

    @Test
    void 'a change request is checked and planned, not released'() {
        def world = Fixture.green(ENVIRONMENT: 'prod')
        world.env.CHANGE_ID = '17'
        def build = Fixture.run(world)
        assertEquals(commands('prod').take(3), Fixture.released(build))
        assertEquals(['Approval: when', 'Release: when'], build.all('skipped'))
        assertEquals('SUCCESS', build.currentResult)
    }
}
