"""A deployment coordinator: an application that keeps its plan in worklattice and does what is ready.

It shows
- planning: a tree of tasks with dependencies, written in one transaction;
- working: `get_ready_tasks` says what can be done, `manage_lifecycle` what came of it;
- a rollback that waits for a failure, and stays out of the way of a success;
- following: a subscriber hears of every change after it is committed;
- a restart: the plan is in a file, so the coordinator goes on where it stopped.

Run it: `python embed_in_an_application.py`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import worklattice
from worklattice import Event, Orchestrator, Task

Action = Callable[[Task], None]
"""Does the work of a task; an exception means that it failed."""


class Coordinator:
    """Plans deployments, and works on what is ready."""

    def __init__(self, wl: Orchestrator, actions: Mapping[str, Action]) -> None:
        self.wl = wl
        self.actions = actions

    def plan(self, service: str, environments: list[str]) -> str:
        """A deployment to one environment after the other, each with a rollback; the id of the whole."""
        with self.wl.transaction():  # all of the plan or nothing
            root = self.wl.create_generic_task(
                "deployment", task_id=service, attributes={"title": f"Deploy {service}"}
            )
            before: list[str] = []
            for environment in environments:
                deploy = f"{service}.{environment}"
                self._add(root.task_id, "build_up", f"{deploy}.deploy", environment, needs=before)
                self._add(
                    root.task_id, "smoke_test", f"{deploy}.test", environment, needs=[f"{deploy}.deploy"]
                )
                failure = {"dependency_task_id": f"{deploy}.test", "outcome": "failure"}
                self._add(root.task_id, "roll_back", f"{deploy}.rollback", environment, needs=[failure])
                before = [f"{deploy}.test"]
        return root.task_id

    def _add(
        self,
        parent: str,
        task_type: str,
        task_id: str,
        environment: str,
        *,
        needs: list[str] | list[dict[str, str]],
    ) -> None:
        self.wl.create_generic_task(
            task_type,
            task_id=task_id,
            parent_task_id=parent,
            attributes={
                "title": f"{task_type.replace('_', ' ')} in {environment}",
                "environment": environment,
            },
            dependencies=needs,
        )

    def work(self, *, at_most: int = 100) -> int:
        """Do what is ready, and what becomes ready by that; how many tasks were done."""
        done = 0
        while done < at_most and (ready := self.wl.get_ready_tasks(leaves_only=True, limit=1).tasks):
            self._do(ready[0])
            done += 1
        return done

    def _do(self, task: Task) -> None:
        self.wl.manage_lifecycle(task.task_id, "active", actor="coordinator")
        try:
            self.actions[task.task_type](task)
        except RuntimeError as fault:
            self.wl.manage_lifecycle(
                task.task_id, "failed", error={"message": str(fault)}, actor="coordinator"
            )
        else:
            self.wl.manage_lifecycle(task.task_id, "completed", actor="coordinator")


def build_up(_: Task) -> None:
    """Would deploy."""


def smoke_test(task: Task) -> None:
    """Would test; here production is broken."""
    if task.attributes["environment"] == "production":
        raise RuntimeError("checkout answers with status 500")


def roll_back(_: Task) -> None:
    """Would bring the version before back."""


ACTIONS = {"build_up": build_up, "smoke_test": smoke_test, "roll_back": roll_back}


def announce(event: Event) -> None:
    """Tell people; called after the commit, so that what it says is true."""
    print(f"  {event.task_id}: {event.data['from']} -> {event.data['to']}")


def main() -> None:
    """Plan a deployment, stop in the middle, and go on in what could be another process."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{(Path(folder) / 'deployments.db').as_posix()}"

        print("The first run stops after two tasks:")
        with worklattice.open(url) as wl:
            wl.subscribe(announce, kinds={"task.stage_changed"})
            coordinator = Coordinator(wl, ACTIONS)
            coordinator.plan("shop", ["staging", "production"])
            coordinator.work(at_most=2)
            position = max(event.position for event in wl.events())

        print("The second run finds what is left:")
        with worklattice.open(url) as wl:
            wl.subscribe(announce, kinds={"task.stage_changed"})
            Coordinator(wl, ACTIONS).work()
            stages = {task.task_id: task.lifecycle_stage for task in wl.query_tasks().tasks}
            since = list(wl.events(after=position, kinds={"task.stage_changed"}))
            failure = wl.get_task("shop.production.test").task

        print(f"Stages changed {len(since)} times since the restart.")
        assert failure is not None
        print(f"Production failed its test: {failure.error}")
        assert stages["shop.production.rollback"] == "completed", "the failure released it"
        assert stages["shop.staging.rollback"] == "draft", "the success did not"
        print("Production was rolled back, staging was not.")


if __name__ == "__main__":
    main()
