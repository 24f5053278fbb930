import java.util.Optional;

/** Whom a server of a test is for. */
final class Owner {
	interface Closing {
		void close() throws Exception;
	}

	private Owner()
	{
	}

	/** Close at the end of that process, or of this one. */
	static void outlives(String pid, Closing what) throws Exception
	{
		Optional<ProcessHandle> owner =
		    ProcessHandle.of(Long.parseLong(pid));

		Runtime.getRuntime().addShutdownHook(new Thread(() -> {
			try {
				what.close();
			} catch (Exception e) {
				e.printStackTrace();
			}
		}));
		System.out.println("started");
		while (owner.isPresent() && owner.get().isAlive())
			Thread.sleep(1000);
		System.exit(0);
	}
}
