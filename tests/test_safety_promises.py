"""What the README promises of safety, sentence by sentence, and the tests that hold it to each.

A sentence that is added there needs its tests here, and one that goes takes its entry along.
"""

import ast
import re
from pathlib import Path

import mixpanel_mcp_tools

ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests"

ASKING = "server/test_confirming.py"
SAFETY = "server/test_safety.py"
READ_ONLY = "server/test_read_only.py"
UNDO = "tools/test_undo_job.py"

PROMISES: dict[str, tuple[str, ...]] = {
    "What may lose data waits for a person: a tool that destroys changes nothing at first, and the "
    "client asks its person, with the place and the names of what would go.": (
        f"{ASKING}::test_client_that_can_ask_asks_instead",
        f"{ASKING}::test_server_process_confirms_alike_in_both_eras",
        f"{ASKING}::test_answer_to_a_question_that_was_never_asked_is_no_consent",
    ),
    "Who declines or closes the question keeps everything.": (
        f"{ASKING}::test_person_who_does_not_agree_keeps_everything",
        f"{ASKING}::test_client_that_fails_to_ask_changes_nothing",
    ),
    "A client that cannot ask gets a preview and a token: the same call with `confirm` goes ahead, "
    "once, within ten minutes, in the same server, for the same arguments, account and project.": (
        f"{ASKING}::test_client_that_cannot_ask_gets_a_preview_and_a_token",
        f"{ASKING}::test_token_is_good_once_for_ten_minutes_and_cannot_be_made_up",
        f"{ASKING}::test_token_holds_for_the_call_that_was_previewed_only",
        f"{SAFETY}::test_token_is_good_in_its_place_only",
    ),
    "An agent could send it by itself: `--exclude-tools` leaves no way to what must never run.": (
        f"{SAFETY}::test_agent_that_confirms_by_itself_cannot_run_what_is_excluded",
    ),
    "What cannot be read first is not lost; what could only not be counted, such as a person's "
    "events, is named as such.": (
        f"{SAFETY}::test_what_cannot_be_read_is_not_lost",
        f"{SAFETY}::test_person_whose_events_may_not_be_counted_is_named_all_the_same",
    ),
    "All other changes go ahead, such as a new dashboard or sent events; `--confirm always` asks "
    "before them too, `never` before none.": (f"{ASKING}::test_policy_says_which_changes_wait",),
    "On the command line `call` asks at the terminal, `--yes` answers, and a script without it "
    "loses nothing.": (f"{SAFETY}::test_command_line_asks_whoever_sits_there",),
    "`preview_change` shows what a change would do, field by field, with its exact request, and "
    "sends none of it.": (
        "tools/test_changes.py::test_update_is_shown_before_and_after_and_not_sent",
    ),
    "Every change of a project is in a journal before it is sent, with what was there "
    "(`~/.mp/changes`, readable by you only); where that cannot be written, nothing is changed.": (
        f"{SAFETY}::test_change_is_in_the_journal_before_it_is_sent",
        "core/test_journal.py::test_journal_that_cannot_be_written_refuses_the_change",
    ),
    "`list_changes` tells them; `undo_change` brings back old values, removes what was made, and "
    "makes anew, under a new id, what was deleted, but never over what others have changed "
    "since.": (
        "tools/test_every_change_undone.py::test_what_is_changed_and_undone_is_as_it_was",
        f"{UNDO}::test_deleted_thing_is_made_anew_with_a_new_id",
        "tools/test_undo_after_others.py"
        "::test_undo_does_not_overwrite_what_somebody_else_changed_since",
    ),
    "It says why not of the rest: data that was sent, people, deletions by request.": (
        f"{UNDO}::test_what_has_no_way_back_says_why",
        "tools/test_every_change_undone.py"
        "::test_every_operation_that_changes_something_says_whether_there_is_a_way_back",
    ),
    "`--read-only` lists nothing that changes a project or the accounts of this machine, runs none "
    "of it, however it is called, and stops every request that would change something.": (
        f"{READ_ONLY}::test_list_has_only_what_reads",
        f"{READ_ONLY}::test_no_tool_that_changes_runs_by_its_name",
        f"{READ_ONLY}::test_no_other_tool_runs_what_changes",
        f"{READ_ONLY}::test_client_sends_no_change_for_an_operation_that_says_it_reads",
        f"{READ_ONLY}::test_accounts_of_this_machine_stay_as_they_are",
    ),
    "Exports still write files.": (
        f"{SAFETY}::test_exports_go_into_the_folder_of_files_and_nowhere_else",
    ),
    "Files are read and written in the folder of `--files` only, and nowhere without it.": (
        f"{SAFETY}::test_exports_go_into_the_folder_of_files_and_nowhere_else",
        "core/test_files.py::test_names_that_lead_out_are_refused",
        "core/test_files.py::test_a_file_to_read_lies_in_the_same_folder",
    ),
    "The SQL of `query_result` reaches the results that it names, no file and no network, and "
    "changes no setting.": (
        f"{SAFETY}::test_sql_over_results_reads_no_file",
        "core/test_kept_results.py::test_sql_reaches_nothing_but_the_results",
    ),
    "Your credentials are no arguments of tools, and come out in no answer, error, log or "
    "journal.": (
        "auth/test_login_tools.py::test_secret_as_an_argument_is_refused_unseen",
        "auth/test_secrets_stay.py::test_server_tells_no_secret",
        "auth/test_secrets_stay.py::test_command_line_prints_no_secret",
        "core/test_journal.py::test_no_secret_is_kept_however_deep_it_lies",
    ),
    "What hands one out (`accounts_token`, `accounts_export_bridge`, `create_service_account`, "
    "`sign_replay`, `sign_replays`) runs only in a server that was started to list it.": (
        f"{SAFETY}::test_credential_is_handed_out_only_where_that_was_wanted",
    ),
    "Requests go to Mixpanel only, in the account's region or through the gateway that you set, "
    "and to the storage that Mixpanel names for uploads and recordings; nothing is reported to "
    "anybody.": (f"{SAFETY}::test_nobody_but_mixpanel_is_asked",),
    "None is sent beyond Mixpanel's limits, counted over all your processes.": (
        "server/test_budgets.py"
        "::test_answers_tell_what_is_left_and_the_next_call_is_refused_with_the_seconds",
        "core/test_ledger.py::test_each_family_has_its_limit_over_two_processes",
    ),
    "Over HTTP the server is open to this machine only, or asks every caller for a token, and "
    "refuses foreign pages and host names.": (
        "server/test_transports.py::test_open_address_without_a_token_is_refused",
        "server/test_transports.py::test_request_is_judged_by_token_host_and_origin",
    ),
    "Callers may name any account of the machine as `target`, and can neither change nor switch "
    "them; long results are for those only who could ask for them again.": (
        "auth/test_login_tools.py::test_server_of_several_clients_stays_where_it_is",
        "server/test_owners.py::test_over_http_a_handle_is_good_for_those_who_could_ask_again",
    ),
    "The sandbox marks all its answers `sandbox: true`, and nothing done there reaches Mixpanel.": (
        f"{SAFETY}::test_sandbox_keeps_all_to_itself",
    ),
}


def promised() -> list[str]:
    """The sentences of the README's list about safety, without what is printed bold."""
    readme = (ROOT / "README.md").read_text("utf-8")
    section = readme.partition("\n## Safety\n")[2].partition("\n## ")[0]
    items = [item.replace("**", "") for item in section.split("\n- ")[1:]]
    plain = [" ".join(item.split()) for item in items]
    return [sentence for item in plain for sentence in re.split(r"(?<=\.) (?=[A-Z`])", item)]


def defined_in(file: str) -> set[str]:
    """The tests that a module defines."""
    tree = ast.parse((TESTS / file).read_text("utf-8"))
    defined = (
        node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return {node.name for node in defined}


def test_every_sentence_has_its_tests_and_every_entry_its_sentence() -> None:
    """The README's words, in its order, and nothing else."""
    assert promised() == list(PROMISES)


def test_every_test_that_is_named_is_there() -> None:
    """A test that goes, or gets another name, is missed here."""
    named = [test.split("::") for tests in PROMISES.values() for test in tests]
    files = {file: defined_in(file) for file, _ in named}
    assert [f"{file}::{test}" for file, test in named if test not in files[file]] == []
    assert all(PROMISES.values())


def test_what_hands_out_credentials_is_told_whole() -> None:
    """The README names every tool that does."""
    (sentence,) = [each for each in PROMISES if each.startswith("What hands one out")]
    assert set(re.findall(r"`(\w+)`", sentence)) == set(mixpanel_mcp_tools.REVEALING)
