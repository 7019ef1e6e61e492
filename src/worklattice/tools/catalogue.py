"""The tools, as one table, and the catalogue that MCP clients read.

A tool is a command under a name: its arguments are the command's fields, its description is the command's
docstring, and its schemas are those of the command and of its answer.
"""

from __future__ import annotations

from inspect import cleandoc
from typing import Any, Final

from attrs import frozen

from worklattice import codec
from worklattice.model import answers, commands, reads
from worklattice.model.commands import Command
from worklattice.query import answers as query_answers
from worklattice.query import request
from worklattice.types import JsonObject, copied

PREFIX: Final = "orchestrator_"


@frozen
class Effects:
    """What a tool does to the workspace: MCP clients ask whether to confirm it first, or may repeat it."""

    reads_only: bool = False
    may_destroy: bool = False
    """Whether it may change or remove what is there; else it only adds."""
    repeatable: bool = False
    """Whether a second call with the same arguments changes nothing more."""


READS: Final = Effects(reads_only=True, repeatable=True)
ADDS: Final = Effects()
CHANGES: Final = Effects(may_destroy=True)
SETTLES: Final = Effects(may_destroy=True, repeatable=True)


@frozen
class Tool:
    """A command under a name."""

    name: str
    command: type[Command[Any]]
    answer: type
    effects: Effects


TOOLS: Final[dict[str, Tool]] = {
    PREFIX + name: Tool(PREFIX + name, command, answer, effects)
    for name, command, answer, effects in (
        ("create_generic_task", commands.CreateTask, answers.TaskCreated, ADDS),
        ("create_from_template", commands.CreateFromTemplate, answers.TemplateExpanded, ADDS),
        ("manage_dependencies", commands.ManageDependencies, answers.DependenciesManaged, CHANGES),
        ("query_tasks", request.QueryTasks, query_answers.TasksFound, READS),
        ("manage_lifecycle", commands.ManageLifecycle, answers.StageChanged, CHANGES),
        ("get_task", reads.GetTask, answers.TaskFound, READS),
        ("update_task", commands.UpdateTask, answers.TaskUpdated, CHANGES),
        ("delete_task", commands.DeleteTask, answers.TaskDeleted, SETTLES),
        ("get_task_hierarchy", reads.GetTaskHierarchy, answers.Hierarchy, READS),
        ("get_dependencies", reads.GetDependencies, answers.DependenciesFound, READS),
        ("explain_task", reads.ExplainTask, answers.Explanation, READS),
        ("batch_create", commands.BatchCreate, answers.BatchCreated, ADDS),
        ("bulk_update", request.BulkUpdate, answers.BulkUpdated, CHANGES),
        ("create_template", commands.CreateTemplate, answers.TemplateDefined, ADDS),
        ("get_template", reads.GetTemplate, answers.TemplateFound, READS),
        ("list_templates", reads.ListTemplates, answers.TemplatesListed, READS),
        ("delete_template", commands.DeleteTemplate, answers.TemplateDeleted, SETTLES),
        ("get_ready_tasks", request.GetReadyTasks, query_answers.ReadyTasks, READS),
        ("claim_task", request.ClaimTask, answers.TasksClaimed, CHANGES),
        ("renew_claim", commands.RenewClaim, answers.ClaimRenewed, CHANGES),
        ("release_claim", commands.ReleaseClaim, answers.ClaimReleased, CHANGES),
        ("record_approval", commands.RecordApproval, answers.ApprovalRecorded, CHANGES),
        ("add_artifact", commands.AddArtifact, answers.ArtifactAdded, CHANGES),
        ("record_metrics", commands.RecordMetrics, answers.MetricsRecorded, CHANGES),
        ("evaluate_gates", reads.EvaluateGates, answers.GatesEvaluated, READS),
        ("waive_gate", commands.WaiveGate, answers.GateWaived, CHANGES),
        ("tick", commands.Tick, answers.Ticked, CHANGES),
        ("next_tick_at", reads.NextTickAt, answers.NextTick, READS),
        ("pause_schedule", commands.PauseSchedule, answers.SchedulePaused, SETTLES),
        ("resume_schedule", commands.ResumeSchedule, answers.ScheduleResumed, SETTLES),
        ("preview_schedule", reads.PreviewSchedule, answers.SchedulePreview, READS),
        ("add_comment", commands.AddComment, answers.CommentAdded, ADDS),
        ("get_history", reads.GetHistory, answers.History, READS),
        ("list_dead_letters", reads.ListDeadLetters, answers.DeadLettersListed, READS),
        ("redeliver", commands.Redeliver, answers.Redelivered, SETTLES),
        ("register_task_type", commands.RegisterTaskType, answers.TaskTypeRegistered, SETTLES),
        ("define_calendar", commands.DefineCalendar, answers.CalendarDefined, SETTLES),
        ("delete_calendar", commands.DeleteCalendar, answers.CalendarDeleted, SETTLES),
        ("list_calendars", reads.ListCalendars, answers.CalendarsListed, READS),
        ("undo", commands.Undo, answers.Undone, CHANGES),
        ("execute", commands.Execute, answers.Executed, CHANGES),
    )
}
"""Every tool, by its full name."""


REFUSAL_SCHEMA: Final[JsonObject] = {
    "type": "object",
    "description": "The call is refused: nothing was written.",
    "properties": {
        "status": {"const": "error"},
        "error_type": {"type": "string", "description": "What kind of refusal, such as TaskNotFoundError."},
        "message": {"type": "string", "maxLength": 500, "description": "What is wrong."},
        "field": {"type": ["string", "null"], "description": "The path of what is wrong."},
        "suggestion": {"type": ["string", "null"], "description": "What to do about it."},
        "details": {"type": "object", "description": "Facts for programs."},
    },
    "required": ["status", "error_type", "message", "field", "suggestion", "details"],
}
"""The schema of the answer to a call that is refused."""


def catalogue() -> list[JsonObject]:
    """The tools in MCP form. The caller may change what it gets."""
    return [_entry(tool) for tool in TOOLS.values()]


def _entry(tool: Tool) -> JsonObject:
    effects = tool.effects
    return {
        "name": tool.name,
        "description": cleandoc(tool.command.__doc__ or ""),
        "inputSchema": copied(codec.input_schema(tool.command)),
        "outputSchema": output_schema(tool),
        "annotations": {
            "readOnlyHint": effects.reads_only,
            "destructiveHint": effects.may_destroy,
            "idempotentHint": effects.repeatable,
        },
    }


def output_schema(tool: Tool) -> JsonObject:
    """The schema of what the tool answers: a success with its facts, or a refusal."""
    success: dict[str, Any] = copied(codec.output_schema(tool.answer))
    definitions = success.pop("$defs", {})
    success["properties"] = {"status": {"const": "success"}, **success["properties"]}
    success["required"] = ["status", *success["required"]]
    return {"type": "object", "oneOf": [success, copied(REFUSAL_SCHEMA)], "$defs": definitions}
