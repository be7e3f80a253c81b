"""The private servers: started once, shared, mended, and gone when nobody is left."""

import os
import signal
import subprocess
import sys

import pytest

from onestop import embedded
from tests.embedded.conftest import CHECKOUT, wait_until

pytestmark = pytest.mark.slow


def test_eight_starts_at_once_give_one_keeper_and_one_of_each_server(home):
    users = [home.begin_use() for _ in range(8)]
    words = [user.stdout.readline() for user in users]

    assert words == ["held\n"] * 8
    assert len(home.keeper()) == 1
    assert len(home.valkey()) == 1
    assert home.answer()


def test_servers_stop_within_ten_seconds_after_the_last_user_was_killed(home):
    first, second = home.use(), home.use()

    first.kill()
    first.communicate()
    assert home.answer()
    second.kill()
    second.communicate()

    wait_until(lambda: not home.everything(), 10)


def test_a_home_is_for_its_owner_only_and_nothing_listens_on_the_network(home):
    home.use()

    assert home.place.stat().st_mode & 0o777 == 0o700
    assert embedded.socket_folder(home.place).stat().st_mode & 0o777 == 0o700
    assert home.sql("SHOW listen_addresses") == ""
    assert home.sql("SHOW server_encoding") == "UTF8"
    assert home.sql("SELECT datcollate FROM pg_database WHERE datname = 'onestop'") == "C"


def test_a_killed_keeper_takes_the_servers_along_and_the_next_user_has_the_data(home):
    home.use()
    home.sql("CREATE TABLE kept AS SELECT 7 AS seven")

    home.kill(home.keeper())
    wait_until(lambda: not home.everything(), 10)
    home.use()

    assert home.sql("SELECT seven FROM kept") == 7


@pytest.mark.parametrize("which", ["postgresql", "valkey"])
def test_the_keeper_starts_a_killed_server_again(home, which):
    home.use()
    before = getattr(home, which)()

    home.kill(before)

    wait_until(lambda: not set(before) & set(getattr(home, which)()) and home.answer(), 20)


def test_after_everything_was_killed_the_next_user_has_the_data(home):
    home.use()
    home.sql("CREATE TABLE kept AS SELECT 7 AS seven")

    home.kill(home.everything())
    home.end_uses()
    home.use()

    assert home.sql("SELECT seven FROM kept") == 7


def test_a_stale_pid_file_with_a_living_foreign_pid_harms_nobody(home):
    home.use()
    pid_file = home.place / "postgresql" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    home.kill(home.everything())
    home.end_uses()
    wait_until(lambda: not home.everything(), 10)
    with subprocess.Popen(["sleep", "60"]) as stranger:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]))

        home.use()

        assert home.answer()
        assert stranger.poll() is None
        stranger.kill()


def test_a_half_written_pid_file_is_no_obstacle(home):
    home.use()
    home.end_uses()
    wait_until(lambda: not home.everything(), 10)
    (home.place / "postgresql" / "postmaster.pid").write_text("12")

    home.use()

    assert home.answer()


def test_a_half_made_cluster_is_never_taken(home):
    left = home.place / "postgresql-new-left"
    left.mkdir(parents=True)
    (left / "PG_VERSION").write_text("18")

    home.use()

    assert home.answer()
    assert not left.exists()


def test_a_path_of_150_bytes_with_a_space_and_diacritics_works(make_home, tmp_path):
    missing = 150 - len(os.fsencode(tmp_path)) - 1
    name = "nhà của tôi "
    home = make_home(name + "x" * (missing - len(name.encode())))
    assert len(os.fsencode(home.place)) == 150

    home.use()

    assert home.answer()


def test_two_homes_side_by_side_do_not_know_each_other(make_home):
    one, other = make_home("one"), make_home("other")
    one.use()
    other.use()

    one.sql("CREATE TABLE only_here AS SELECT 1")

    assert one.sql("SELECT to_regclass('only_here') IS NOT NULL") is True
    assert other.sql("SELECT to_regclass('only_here') IS NOT NULL") is False
    one.end_uses()
    wait_until(lambda: not one.everything(), 10)
    assert other.answer()


def test_a_cluster_of_another_major_version_is_refused_in_one_line(home):
    (home.place / "postgresql").mkdir(parents=True)
    (home.place / "postgresql" / "PG_VERSION").write_text("17\n")

    with pytest.raises(embedded.NotReady) as refusal:
        embedded.ensure(home.place)

    assert "PostgreSQL 17" in str(refusal.value)
    assert "pg_dump" in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert os.listdir(home.place / "postgresql") == ["PG_VERSION"]
    os.close(embedded._held.pop(home.place))


def test_a_socket_folder_of_somebody_else_is_refused(home):
    folder = embedded.socket_folder(home.place)
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)

    with pytest.raises(embedded.NotReady, match="nobody else may enter"):
        embedded.ensure(home.place)

    assert folder.stat().st_mode & 0o777 == 0o755
    os.close(embedded._held.pop(home.place))


def test_a_told_keeper_stops_both_servers_cleanly(home):
    home.use()

    os.kill(home.keeper()[0], signal.SIGTERM)

    wait_until(lambda: not home.everything(), 10)
    log = (home.place / "postgresql.log").read_text()
    assert "database system is shut down" in log


@pytest.mark.parametrize("command", ["help", "check", "migrate --help", "makemigrations --check"])
def test_commands_that_need_nothing_start_nothing(home, command):
    done = subprocess.run(
        [sys.executable, "manage.py", *command.split()],
        cwd=CHECKOUT,
        env=home.environment(),
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert not home.place.exists()


def test_a_command_is_the_first_thing_on_an_empty_home_with_a_relative_path(home, tmp_path):
    relative = os.path.relpath(home.place, CHECKOUT)
    statement = "from onestop.accounts.models import User; print(User.objects.count())"

    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", statement],
        cwd=CHECKOUT,
        env=home.environment(ONESTOP_HOME=relative),
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout) == (0, "0\n"), done.stderr
    wait_until(lambda: not home.everything(), 10)


def test_a_given_database_without_our_migrations_is_exit_3_in_one_line(home):
    home.use()

    done = subprocess.run(
        [sys.executable, "manage.py", "clearsessions"],
        cwd=CHECKOUT,
        env=home.environment(DATABASE_URL=embedded.database_url(home.place)),
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.count("\n") == 1
    assert "migrations are missing" in done.stderr
    assert home.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
