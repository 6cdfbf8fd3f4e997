"""What drills, hostile clients, simulation and fuzzing have found, and the tests that hold each now. A test looks for each."""

from collections.abc import Sequence
from typing import Final, NamedTuple


class Mended(NamedTuple):
    """``tests`` are ``file::function``, the file as seen from ``tests``."""

    what: str
    found_by: str
    tests: Sequence[str]


READ: Final = "reading with one question: what can still be lost"

MENDED: Final[Sequence[Mended]] = (
    Mended(
        "One flipped digit in the journal's ledger, which had no checksum, made a start remove a segment that was acknowledged.",
        "drill torn_and_flipped",
        ["contract/test_journal_refusals.py::test_a_ledger_that_is_not_as_it_was_written_is_refused_and_costs_no_segment"],
    ),
    Mended(
        "A flipped bit in the salts of the last commit but one let it pass for unfinished: two acknowledged batches were gone.",
        "drill torn_and_flipped",
        [
            "contract/test_journal_refusals.py::test_a_damaged_commit_does_not_pass_for_the_beginning_of_the_one_behind_it",
            "unit/persistence/test_wal.py::test_a_leaf_written_in_part_names_no_row_beyond_its_last",
        ],
    ),
    Mended(
        "Some damage ended the start with a traceback instead of the refusal that `--accept-loss` can pass.",
        "drill torn_and_flipped",
        [
            "contract/test_journal_refusals.py::test_a_segment_whose_schema_is_no_text_is_refused_as_damage",
            "contract/test_journal_refusals.py::test_a_batch_that_damage_made_a_number_is_refused_as_damage",
        ],
    ),
    Mended(
        "A start that was broken off, or cut before its first ledger, left a journal that the next start refused.",
        "drills power_loss, kill_in_recovery",
        [
            "contract/test_journal_after_a_crash.py::test_a_start_that_postgres_breaks_off_leaves_a_journal_to_start_from",
            "contract/test_journal_after_a_crash.py::test_a_first_start_that_was_cut_off_before_its_ledger_begins_anew",
        ],
    ),
    Mended(
        "A disk too full for the carried tail ended the start with the bare error of the database library.",
        "drill full_disk",
        ["contract/test_journal_after_a_crash.py::test_a_disk_that_takes_no_carried_tail_says_so_and_loses_nothing"],
    ),
    Mended(
        "A disk that hangs in the journal's process kept the server from ending.",
        "drill disk_errors",
        ["contract/test_journal_on_disk.py::test_a_disk_that_hangs_in_the_child_does_not_keep_the_process_from_ending"],
    ),
    Mended(
        "A segment that was stored and removed while its records were read back counted as damage.",
        "simulation, seed 10169",
        ["contract/test_journal_segments.py::test_a_segment_that_goes_while_it_is_read_back_counts_as_stored"],
    ),
    Mended(
        "Tasks of the hub outlived it where leaving was cancelled.",
        "simulation",
        ["unit/channels/test_hub_lifetimes.py::test_no_task_outlives_a_hub_whose_end_is_cancelled"],
    ),
    Mended(
        "A command whose reactions cannot be computed stopped the node's write-behind for every room.",
        "drill poison",
        [
            "unit/channels/test_room.py::test_a_command_whose_reactions_cannot_be_told_is_refused_and_leaves_no_trace",
            "integration/test_reactions.py::test_reactions_that_fail_stop_their_room_alone_and_are_made_up_for_by_a_rerun",
        ],
    ),
    Mended(
        "In a batch halved around a poisoned room, a row that refers to another room's could come before it.",
        "drill poison",
        ["integration/test_healing.py::test_beside_a_poisoned_room_the_order_of_rooms_in_a_batch_does_not_matter"],
    ),
    Mended(
        "A line to Postgres that ended in the middle of a call raised an error that nobody took for Postgres being away.",
        "drill cut_at_commit",
        ["integration/test_database.py::test_a_line_cut_at_commit_says_away_and_whoever_looks_finds_all_or_nothing"],
    ),
    Mended(
        "A crash between the end of a stream and its row left the half-said text behind for ever.",
        "drill kill",
        ["integration/test_passing.py::test_a_stream_whose_end_a_crash_has_cut_off_is_gone_although_nobody_opens_its_room"],
    ),
    Mended(
        "Behind a clock that had been ahead, fresh tokens were refused for good.",
        "drill clock_jumps",
        ["unit/server/test_tokens.py::test_a_token_from_a_clock_that_is_ahead_of_ours_is_read"],
    ),
    Mended(
        "Pings, or empty frames, of one client held everybody up for seconds.",
        "hostile clients",
        [
            "hostile/test_floods.py::test_a_flood_of_frames_ends_the_connection",
            "unit/server/socket/test_transport.py::test_a_flood_of_pings_ends_the_connection_and_what_follows_is_not_looked_at",
        ],
    ),
    Mended(
        "A client that sends message after message without a pause was ended as one that is late.",
        "hostile clients",
        ["unit/server/socket/test_transport.py::test_messages_that_follow_each_other_without_a_pause_are_not_one_that_is_late"],
    ),
    Mended(
        "HTTP heads and bodies could come byte by byte without an end.",
        "hostile clients",
        [
            "hostile/test_handshake.py::test_what_comes_too_slowly_is_cut",
            "hostile/test_handshake.py::test_a_head_has_a_size",
            "hostile/test_http.py::test_a_body_without_an_end_is_cut",
        ],
    ),
    Mended(
        "Over HTTP one person could ask without a limit.",
        "hostile clients",
        ["hostile/test_floods.py::test_an_http_flood_of_one_person_is_refused_and_others_are_not"],
    ),
    Mended(
        "Tokens of shares could be guessed in parallel beyond the limit of guesses.",
        "hostile clients",
        ["hostile/test_floods.py::test_share_tokens_are_guessed_ten_times_a_minute_however_fast"],
    ),
    Mended(
        "A token that only lets look did not narrow its bearer in conversations.",
        "hostile clients, every command by every role",
        [
            "hostile/test_matrix.py::test_a_command_is_for_those_of_the_table_and_nobody_else",
            "unit/domain/conversation/test_standing.py::test_a_token_with_no_word_that_counts_only_lets_look",
        ],
    ),
    Mended(
        "A page without an origin of its own was let in where the Host header was broken.",
        "hostile clients",
        ["unit/server/socket/test_door.py::test_a_page_without_an_origin_of_its_own_is_not_at_home_where_the_host_is_broken"],
    ),
    Mended(
        "Bodies that are no text, or nested without an end, were answered with 500.",
        "hostile clients",
        ["hostile/test_http.py::test_a_body_that_is_none_is_refused"],
    ),
    Mended(
        "A history asked from far behind the top, or from above 64 bits, was answered with 100 or 500.",
        "fuzzing",
        ["unit/channels/test_hub_questions.py::test_history_pages_forwards_and_backwards_from_ring_and_log"],
    ),
    Mended(
        "`/schema` did not describe some answers and refusals.",
        "fuzzing of the HTTP API",
        ["integration/test_http_description.py::test_writes_of_ones_own_room_are_described_as_the_commands_that_they_give"],
    ),
    Mended(
        "A segment that SQLite had folded back without a seal, because the server was killed, was refused as damaged.",
        READ,
        [
            "contract/test_journal_after_a_crash.py::test_a_segment_whose_log_sqlite_folded_back_without_a_seal_is_whole",
            "contract/test_journal_after_a_crash.py::test_a_server_that_is_killed_beside_its_committing_child_leaves_a_journal_to_start_from",
        ],
    ),
    Mended(
        "A full disk could let a segment count as sealed that was not folded back: unreadable, or refused by a start.",
        READ,
        [
            "contract/test_journal_segments.py::test_a_segment_that_finds_no_room_to_be_folded_back_stays_in_memory_and_is_sealed_later",
            "contract/test_journal_after_a_crash.py::test_a_carried_tail_that_finds_no_room_to_be_folded_back_replaces_nothing",
        ],
    ),
    Mended(
        "Segments that could be removed in part only were listed again, and refused after a crash.",
        READ,
        [
            "contract/test_journal_segments.py::test_segments_that_could_not_all_be_removed_are_not_listed_again_and_go_later",
        ],
    ),
    Mended(
        "Beside an older copy of the ledger a start removed every newer segment before it had looked at anything.",
        READ,
        [
            "contract/test_journal_refusals.py::test_an_older_ledger_is_refused_and_costs_no_segment",
        ],
    ),
    Mended(
        "An accepted loss that was broken off could not be accepted again.",
        READ,
        [
            "contract/test_journal_refusals.py::test_an_accepted_loss_that_was_broken_off_can_be_accepted_again",
        ],
    ),
    Mended(
        "A server whose database another one had taken over went on acknowledging what would be lost.",
        READ,
        [
            "integration/test_serving.py::test_a_server_whose_database_another_one_took_over_ends_and_says_so",
            "integration/test_write_behind_stops.py::test_another_server_that_stores_under_the_same_generation_is_found_out",
        ],
    ),
    Mended(
        "From a Postgres that had lost transactions rooms were opened as they had been, and offsets given a second time.",
        READ,
        [
            "integration/test_storage.py::test_a_postgres_that_has_lost_what_it_confirmed_opens_no_room",
        ],
    ),
    Mended(
        "A backlog of long messages went into one transaction that could never be stored.",
        READ,
        [
            "integration/test_write_behind.py::test_what_waits_is_stored_in_transactions_of_a_few_bytes_each",
            "unit/persistence/test_reading.py::test_the_longest_messages_go_a_few_megabytes_at_a_time",
        ],
    ),
    Mended(
        "Words taken back in one room kept all others from being opened.",
        READ,
        [
            "integration/test_taking_back.py::test_words_that_are_taken_back_elsewhere_do_not_keep_a_room_from_being_opened",
        ],
    ),
    Mended(
        "A connection to a standby was kept for ever.",
        READ,
        [
            "integration/test_database.py::test_a_connection_to_a_standby_is_not_kept",
        ],
    ),
    Mended(
        "A storing process that hangs stopped all storing, and nobody was told.",
        READ,
        [
            "integration/test_storing_process.py::test_a_process_that_hangs_is_told_killed_and_started_anew",
        ],
    ),
    Mended(
        "One moment without file descriptors ended the write-behind for good.",
        READ,
        [
            "integration/test_write_behind_stops.py::test_a_lack_that_passes_is_told_and_storing_goes_on",
        ],
    ),
    Mended(
        "An append that hangs kept the process from ending.",
        READ,
        [
            "unit/channels/test_hub_lifetimes.py::test_an_append_that_hangs_does_not_keep_a_hub_from_ending",
        ],
    ),
)
