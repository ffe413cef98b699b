package org.jenkinsci.plugins.workflow.steps

/** What `input` and `timeout` throw when they are refused, stopped or late, under the name that Jenkins gives it. */
class FlowInterruptedException extends InterruptedException {
    final String result = 'ABORTED'

    FlowInterruptedException(String message) {
        super(message)
    }
}
