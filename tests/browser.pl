#!/usr/bin/perl
# A real Chromium, driven over the DevTools protocol (--remote-debugging-pipe:
# JSON with a NUL at its end, to its descriptor 3 and from its 4).
# usage: browser.pl PROGRAM PROFILE <commands
#
#	about NAME		what follows; once it went well, "NAME: ok" is
#				printed, and else what did not
#	open FILE[#ANCHOR]	load a page, and wait until it is
#	is JS # VALUE		that is its value
#	until JS		wait until it is true, five seconds at most
#	eval JS			print its value
#	key NAME		press Enter, Tab, Escape, Shift+Tab, Shift+Enter, x
#	type TEXT		press one key after the other
#	click SELECTOR		press the mouse in the middle of the first
#	media NAME=VALUE	a feature of the medium; type=print the medium
#	size WIDTH HEIGHT	of the window, in CSS pixels
#	script on|off		of pages that are opened from now on
#	shot FILE		what the window shows, as PNG
#	pdf			print the page; that must not be nothing
#	silent			nothing came to the console or the log
#	said PATTERN		something did, and all of it looks so
#
# Exit status 0 when it came to the end, whatever was found.
use strict;
use warnings;
use JSON::PP;
use MIME::Base64;
use POSIX ();
use Time::HiRes qw(sleep time);

my ($program, $profile) = @ARGV;
my ($next, $session, $loaded, $pid, $about, $wrong, @said) = (0);
my $rest = '';
binmode STDOUT, ':utf8';
$SIG{ALRM} = sub { die "browser.pl: the browser does not answer\n" };
alarm 120;

sub start {
	$^F = 99;	# pipes live on in the child
	pipe my $from_us, my $out or die;
	pipe my $in, my $to_us or die;
	$pid = fork // die;
	if ($pid == 0) {
		# first out of the way of 3 and 4
		POSIX::dup2(fileno $from_us, 60);
		POSIX::dup2(fileno $to_us, 61);
		POSIX::dup2(60, 3), POSIX::dup2(61, 4);
		POSIX::close($_) for 5 .. 61;
		POSIX::close($_), POSIX::open($_ == 0 ? '/dev/null' :
		    "$profile.log", $_ == 0 ? POSIX::O_RDONLY() :
		    POSIX::O_WRONLY() | POSIX::O_CREAT() | POSIX::O_APPEND(),
		    0600) for 0 .. 2;
		no warnings 'exec';
		exec $program, qw(--headless --no-sandbox --disable-gpu
		    --disable-dev-shm-usage --no-first-run
		    --disable-background-networking --disable-extensions
		    --hide-scrollbars --remote-debugging-pipe),
		    "--user-data-dir=$profile";
		POSIX::_exit(127);
	}
	close $from_us;
	close $to_us;
	$out->autoflush(1);
	return ($in, $out);
}
my ($in, $out) = start();

sub message {
	my $at;

	while (($at = index $rest, "\0") < 0) {
		sysread $in, $rest, 65536, length $rest or
		    die "browser.pl: the browser went\n";
	}
	my $m = decode_json substr $rest, 0, $at;
	$rest = substr $rest, $at + 1;
	return $m;
}

sub event {
	my ($m) = @_;
	my ($name, $p) = ($m->{method} // '', $m->{params});

	$loaded = 1 if $name eq 'Page.loadEventFired';
	push @said, $p->{exceptionDetails}{exception}{description} //
	    $p->{exceptionDetails}{text} if $name eq 'Runtime.exceptionThrown';
	push @said, join ' ', map { $_->{value} // $_->{description} // '' }
	    @{$p->{args}} if $name eq 'Runtime.consoleAPICalled';
	push @said, $p->{entry}{text} if $name eq 'Log.entryAdded';
}

sub call {
	my ($method, %params) = @_;
	my $id = ++$next;
	my $m = { id => $id, method => $method, params => \%params };

	$m->{sessionId} = $session if defined $session;
	print $out encode_json($m), "\0";
	for (;;) {
		$m = message();
		event($m), next if !defined $m->{id} || $m->{id} != $id;
		die "browser.pl: $method: $m->{error}{message}\n" if $m->{error};
		return $m->{result};
	}
}

sub value {
	my ($js) = @_;
	my $r = call('Runtime.evaluate', expression => $js,
	    returnByValue => JSON::PP::true, awaitPromise => JSON::PP::true);

	die "browser.pl: $js: $r->{exceptionDetails}{exception}{description}\n"
	    if $r->{exceptionDetails};
	my $v = $r->{result}{value};
	return !defined $v ? 'undefined' : JSON::PP::is_bool($v) ?
	    ($v ? 'true' : 'false') : ref $v ? encode_json($v) : $v;
}

my %codes = (Enter => [13, "\r"], Tab => [9, ''], Escape => [27, ''],
    ArrowDown => [40, ''], ' ' => [32, ' ']);

sub key {
	my ($name) = @_;
	my $shift = $name =~ s/^Shift\+// ? 8 : 0;
	my $known = $codes{$name};
	my %k = (key => $name, modifiers => $shift, windowsVirtualKeyCode =>
	    $known ? $known->[0] : ord uc $name);
	my $text = $known ? $known->[1] : $name;

	$k{code} = $name if $known;
	call('Input.dispatchKeyEvent', type => $text ne '' ? 'keyDown' :
	    'rawKeyDown', %k, $text ne '' ? (text => $text) : ());
	call('Input.dispatchKeyEvent', type => 'keyUp', %k);
}

sub wrong {
	print "$about: line $.: $_[0]\n";
	$wrong = 1;
}

sub about {
	print "$about: ok\n" if defined $about && !$wrong;
	($about, $wrong) = ($_[0], 0);
}

my %do = (
	open => sub {
		# another page in between: an anchor alone would load nothing
		for my $url ('about:blank', "file://$_[0]") {
			$loaded = 0;
			call('Page.navigate', url => $url);
			event(message()) until $loaded;
		}
	},
	eval => sub { print value($_[0]), "\n" },
	is => sub {
		my ($js, $want) = $_[0] =~ /(.*) # (.*)/ or
		    die "browser.pl: is JS # VALUE\n";
		my $got = eval { value($js) } // $@;

		wrong("$js is '$got', not '$want'") if $got ne $want;
	},
	click => sub {
		my $at = decode_json value("(function(){var e=document.querySelector(" .
		    encode_json([$_[0]]) . "[0]);if(!e)return null;" .
		    "e.scrollIntoView({block:'center'});var r=e.getClientRects()[0];" .
		    "return r?[r.x+r.width/2,r.y+r.height/2]:null})()" ) =~
		    s/^undefined$/null/r;

		return wrong("no '$_[0]' to be seen") if !$at;
		call('Input.dispatchMouseEvent', type => $_, x => $at->[0],
		    y => $at->[1], button => 'left', clickCount => 1)
		    for qw(mousePressed mouseReleased);
	},
	until => sub {
		my $end = time + 5;

		until (value($_[0]) eq 'true') {
			return wrong("not within 5 s: $_[0]") if time > $end;
			sleep 0.02;
		}
	},
	key => \&key,
	type => sub { key($_) for split //, $_[0] },
	media => sub {
		my ($name, $v) = split /=/, $_[0], 2;

		call('Emulation.setEmulatedMedia', $name eq 'type' ?
		    (media => $v) : (features => [{ name => $name,
		    value => $v }]));
	},
	size => sub {
		my ($w, $h) = split ' ', $_[0];

		call('Emulation.setDeviceMetricsOverride', width => 0 + $w,
		    height => 0 + $h, deviceScaleFactor => 1,
		    mobile => JSON::PP::false);
	},
	script => sub {
		call('Emulation.setScriptExecutionDisabled', value =>
		    $_[0] eq 'off' ? JSON::PP::true : JSON::PP::false);
	},
	shot => sub {
		open my $f, '>:raw', $_[0] or die "browser.pl: $_[0]: $!\n";
		print $f decode_base64(call('Page.captureScreenshot')->{data});
		close $f or die "browser.pl: $_[0]: $!\n";
	},
	pdf => sub {
		length call('Page.printToPDF')->{data} > 1000 or
		    die "browser.pl: nothing was printed\n";
	},
	silent => sub {
		value('1');	# what was said before has come then
		wrong("said: $_") for splice @said;
	},
	said => sub {
		value('1');
		wrong("nothing was said") if !@said;
		for (splice @said) {
			wrong("said: $_") if !/$_[0]/;
		}
	},
	about => \&about,
);

my $target = call('Target.createTarget', url => 'about:blank');
$session = call('Target.attachToTarget', targetId => $target->{targetId},
    flatten => JSON::PP::true)->{sessionId};
call("$_.enable") for qw(Page Runtime Log);
while (<STDIN>) {
	chomp;
	s/^\s+//;
	next if $_ eq '' || /^#/;
	my ($command, $arg) = split / /, $_, 2;
	my $sub = $do{$command} or die "browser.pl: what is '$command'?\n";
	$sub->($arg // '');
}
about(undef);
undef $session;
eval { call('Browser.close') };
waitpid $pid, 0;
