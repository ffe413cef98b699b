package harness

/** What the world outside answers to one build: how commands end, what they print and write, who says yes. */
class Scenario {
    Map<String, Object> params = [:]
    Map<String, String> env = [:]
    boolean checkChoices = true // Jenkins refuses a value that is no choice, unless the job was edited by hand
    Map<String, Object> answers = [:] // id of an input -> who accepted; an exception refuses
    List<Command> commands = []

    /** The commands that match end like this; of several answers the last one counts. */
    Scenario on(Map how = [:], String pattern) {
        commands.add(0, new Command(how + [pattern: pattern]))
        return this
    }

    Command answerTo(String command) {
        return commands.find { command =~ it.pattern } ?: new Command([:])
    }

    static class Command {
        String pattern
        int exit = 0
        String stdout = ''
        Object writes = [:] // path -> text, or a closure that makes it from the command

        Map<String, String> files(String command) {
            return (writes instanceof Closure ? writes(command) : writes) as Map
        }
    }
}
