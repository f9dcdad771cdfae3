// SPDX-License-Identifier: GPL-2.0-or-later
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

class Http {
	public static void main(String[] arguments) throws Exception {
		var request = HttpRequest.newBuilder(URI.create("http://server:8080/")).build();
		var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
		System.out.println(answer.body().length());
	}
}
