package harness

/** The sections of a declarative pipeline: what each may hold. What a section does not know is an error, as in Jenkins. */
abstract class Section {
    Binding binding

    Map getParams() {
        return binding.getVariable('params') as Map
    }

    Object getEnv() {
        return binding.getVariable('env')
    }

    /** Reads the directives of a body into a section. */
    protected <T extends Section> T read(T section, Closure body) {
        section.binding = binding
        def directives = body.rehydrate(section, body.owner, body.thisObject)
        directives.resolveStrategy = Closure.DELEGATE_ONLY
        directives.call()
        section.check()
        return section
    }

    void check() { }

    protected static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalStateException(rule)
        }
    }
}

/** What pipeline, stage and matrix have in common. */
abstract class Running extends Section {
    String label
    Options options = new Options()
    Post post = new Post()
    When when
    List<Stage> stages = []

    String getNone() {
        return 'none'
    }

    void agent(String which) {
        require(which == 'none', "the harness knows agent none and labels, not ${which}")
    }

    void agent(Closure body) {
        label = read(new Agent(), body).label
    }

    void options(Closure body) {
        options = read(new Options(), body)
    }

    void post(Closure body) {
        post = read(new Post(), body)
    }

    void stages(Closure body) {
        stages = read(new Stages(), body).all
    }
}

class Pipeline extends Running {
    List<Map> parameters = []

    void parameters(Closure body) {
        def found = read(new Parameters(), body).all
        parameters = found
        found.each { binding.getVariable('params').putIfAbsent(it.name, it.containsKey('choices') ? it.choices[0] : it.defaultValue) }
    }

    @Override
    void check() {
        require(!stages.empty, 'a pipeline needs stages')
    }
}

class Stage extends Running {
    String name
    Closure steps
    Matrix matrix

    void steps(Closure body) {
        steps = body
    }

    void when(Closure body) {
        when = read(new When(), body)
    }

    void matrix(Closure body) {
        matrix = read(new Matrix(), body)
    }

    @Override
    void check() {
        def kinds = [steps != null, !stages.empty, matrix != null].count(true)
        require(kinds == 1, "stage '${name}' must have exactly one of steps, stages and matrix")
    }
}

class Matrix extends Running {
    Map<String, List<String>> axes = [:]
    List<Map<String, Closure>> excludes = []

    void when(Closure body) {
        when = read(new When(), body)
    }

    void axes(Closure body) {
        read(new Axes(), body).all.each { require(!axes.containsKey(it.name), "axis ${it.name} is there twice"); axes[it.name] = it.values }
    }

    void excludes(Closure body) {
        excludes = read(new Excludes(), body).all
    }

    /** Every combination of values that no exclude covers. */
    List<Map<String, String>> cells() {
        def pairs = axes.collect { name, values -> values.collect { [(name): it] } }
        return pairs.combinations()*.sum().findAll { cell ->
            !excludes.any { exclude -> exclude.every { name, covers -> covers(cell[name]) } }
        }
    }

    @Override
    void check() {
        require(!axes.isEmpty() && !stages.empty, 'a matrix needs axes and stages')
    }
}

class Stages extends Section {
    List<Stage> all = []

    void stage(String name, Closure body) {
        require(!all*.name.contains(name), "stage '${name}' is there twice")
        all << read(new Stage(name: name), body)
    }
}

class Axes extends Section {
    List<Axis> all = []

    void axis(Closure body) {
        all << read(new Axis(), body)
    }
}

class Axis extends Section {
    String name
    List<String> values
    Closure covers

    void name(String axis) {
        name = axis
    }

    void values(String... those) {
        values = those as List
        covers = { values.contains(it) }
    }

    void notValues(String... those) {
        covers = { !those.contains(it) }
    }

    @Override
    void check() {
        require(name != null && covers != null, 'an axis needs a name and values')
        require(values == null || values.unique(false).size() == values.size(), "axis ${name} has a value twice")
    }
}

class Excludes extends Section {
    List<Map<String, Closure>> all = []

    void exclude(Closure body) {
        all << read(new Axes(), body).all.collectEntries { [it.name, it.covers] }
    }
}

class Agent extends Section {
    String label

    void label(Object text) {
        label = "${text}"
    }
}

class When extends Section {
    boolean beforeAgent = false
    Closure expression

    void beforeAgent(boolean first) {
        beforeAgent = first
    }

    void expression(Closure body) {
        expression = body
    }
}

class Options extends Section {
    Map<String, Object> all = [:]

    void disableConcurrentBuilds() {
        all.disableConcurrentBuilds = true
    }

    void skipStagesAfterUnstable() {
        all.skipStagesAfterUnstable = true
    }

    void timestamps() {
        all.timestamps = true
    }

    void timeout(Map limit) {
        all.timeout = limit
    }

    void buildDiscarder(Object how) {
        all.buildDiscarder = how
    }

    Map logRotator(Map how) {
        return how
    }
}

class Parameters extends Section {
    List<Map> all = []

    void choice(Map how) {
        all << how
        def given = params[how.name]
        if (given != null && binding.getVariable('checkChoices') && !how.choices.contains(given)) {
            throw new IllegalArgumentException("Illegal choice for parameter ${how.name}: ${given}")
        }
    }

    void booleanParam(Map how) {
        all << how
    }

    void string(Map how) {
        all << how
    }
}

/** Conditions in the order in which Jenkins runs them. */
class Post extends Section {
    static final List<String> ORDER = ['always', 'aborted', 'failure', 'success', 'unstable', 'unsuccessful', 'cleanup']
    Map<String, Closure> conditions = [:]

    Object invokeMethod(String name, Object arguments) {
        require(ORDER.contains(name), "the harness knows no post condition ${name}")
        conditions[name] = (arguments as List)[0] as Closure
        return null
    }

    List<String> meeting(String result) {
        def wanted = ['always', result.toLowerCase(), 'cleanup'] + (result == 'SUCCESS' ? [] : ['unsuccessful'])
        return ORDER.findAll { wanted.contains(it) && conditions.containsKey(it) }
    }
}
