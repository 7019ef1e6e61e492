"""Templates, types of tasks, and calendars."""

from __future__ import annotations

from worklattice.model import answers, commands, reads
from worklattice.orchestrator.methods.running import Running
from worklattice.types import JsonObject


class DefinitionMethods(Running):
    """What says in advance how tasks are: their templates, their types, the calendars that they go by."""

    def create_template(
        self,
        template_id: str,
        task_structure: JsonObject,
        *,
        name: str | None = None,
        description: str | None = None,
        category: str | None = None,
        parameters_schema: JsonObject | None = None,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.TemplateDefined:
        """Define a template, or the next version of one.

        `task_structure` is the tree, `{"root_task": node}`; `parameters_schema` a JSON Schema (2020-12).

        Raises:
            TemplateValidationError: the structure or the schema is faulty; every problem is listed.
        """
        return self.run(
            commands.CreateTemplate(
                template_id=template_id,
                task_structure=task_structure,
                name=name,
                description=description,
                category=category,
                parameters_schema=parameters_schema,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def get_template(self, template_id: str, *, version: int | None = None) -> answers.TemplateFound:
        """Read a template: this version of it, or the newest.

        Raises:
            TemplateNotFoundError: there is no such template, or version of it.
        """
        return self.run(reads.GetTemplate(template_id=template_id, version=version))

    def list_templates(self, *, category: str | None = None) -> answers.TemplatesListed:
        """List the newest version of every template, the shipped ones too."""
        return self.run(reads.ListTemplates(category=category))

    def delete_template(
        self,
        template_id: str,
        *,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.TemplateDeleted:
        """Delete a template; tasks made from it stay.

        Raises:
            TemplateNotFoundError: there is no such template.
            ValidationError: it is a shipped one that was never defined anew.
        """
        return self.run(
            commands.DeleteTemplate(
                template_id=template_id,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def register_task_type(
        self,
        task_type: str,
        *,
        lifecycle: JsonObject | None = None,
        attributes_schema: JsonObject | None = None,
        attribute_names: JsonObject | None = None,
        attribute_defaults: JsonObject | None = None,
        strict: bool = False,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.TaskTypeRegistered:
        """Say what is particular to a task type: its lifecycle, and what its attributes must be and mean.

        What is left out goes back to the default. Cost: the tasks of the type, where the lifecycle takes a
        stage away or changes its meaning, or where attributes mean something else than before.

        Args:
            task_type: the type.
            lifecycle: stages, transitions, and what each stage means.
            attributes_schema: a JSON Schema that the attributes of new and changed tasks must satisfy.
            attribute_names: by the name of a convention, the type's own name for it.
            attribute_defaults: by the name of a convention, what holds where a task says nothing.
            strict: refuse attributes that mean something and cannot be read, instead of warning.
            idempotency_key: see [doing things once](../how-to/do-things-once.md).
            dry_run: only say what would be answered.
            actor: who does it.
            reason: why.

        Raises:
            ValidationError: something of it is faulty; every problem is listed.
            PrerequisitesNotMetError: tasks are in stages that the lifecycle lacks or changes.
        """
        return self.run(
            commands.RegisterTaskType(
                task_type=task_type,
                lifecycle=lifecycle,
                attributes_schema=attributes_schema,
                attribute_names=attribute_names,
                attribute_defaults=attribute_defaults,
                strict=strict,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def define_calendar(
        self,
        name: str,
        calendar: JsonObject,
        *,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.CalendarDefined:
        """Define a calendar that tasks refer to by name, in place of the one of that name before, if any.

        `calendar` has `working_hours` with `holidays` and `extra_working_days`, `windows`, or both, and a
        `time_zone`.

        Raises:
            ValidationError: the calendar is faulty, or the name is none; every problem is listed.
        """
        return self.run(
            commands.DefineCalendar(
                name=name,
                calendar=calendar,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def delete_calendar(
        self,
        name: str,
        *,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.CalendarDeleted:
        """Delete a calendar.

        Raises:
            ValidationError: there is no such calendar.
        """
        return self.run(
            commands.DeleteCalendar(
                name=name,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def list_calendars(self) -> answers.CalendarsListed:
        """List every calendar, by name."""
        return self.run(reads.ListCalendars())
