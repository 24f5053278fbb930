import java.nio.file.Path;
import org.neo4j.configuration.connectors.BoltConnector;
import org.neo4j.configuration.connectors.HttpConnector;
import org.neo4j.configuration.helpers.SocketAddress;
import org.neo4j.harness.Neo4j;
import org.neo4j.harness.Neo4jBuilders;

/**
 * A Neo4j with its HTTP API, for tests: on this machine only, without a login.
 *
 * usage: Neo4jNode HOME PORT OWNER, which is the process it ends with
 */
public final class Neo4jNode {
	private Neo4jNode()
	{
	}

	public static void main(String[] args) throws Exception
	{
		Neo4j node = Neo4jBuilders
		    .newInProcessBuilder(Path.of(args[0]))
		    .withConfig(HttpConnector.enabled, true)
		    .withConfig(HttpConnector.listen_address,
			new SocketAddress("127.0.0.1",
			    Integer.parseInt(args[1])))
		    .withConfig(BoltConnector.enabled, false)
		    .build();

		Owner.outlives(args[2], node::close);
	}
}
