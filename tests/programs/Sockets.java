// SPDX-License-Identifier: GPL-2.0-or-later
import java.net.Socket;

class Sockets {
	public static void main(String[] arguments) throws Exception {
		try (Socket socket = new Socket("server", 8080)) {
			socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes());
			System.out.println(socket.getInputStream().readAllBytes().length);
		}
	}
}
